import { expect, test } from 'vitest';
import { newlyRefused } from '../../../src/campaign/rating/refused.ts';
import type { Observation, Trace } from '../../../src/trace/observation.ts';

type Answer = 'ok' | 'none' | string;
/** A command a step; `answer`: what QEMU said. */
const run = (...commands: [step: number, name: string, answer: Answer][]): Trace =>
  commands.flatMap(([step, name, answer], id): Observation[] => [
    { us: 0, kind: 'command', id, name, args: {}, step },
    ...(answer === 'none'
      ? []
      : answer === 'ok'
        ? [{ us: 0, kind: 'reply' as const, id, return: {} }]
        : [{ us: 0, kind: 'reply' as const, id, error: { class: 'GenericError', desc: answer } }]),
  ]);

const whole = run([0, 'mirror', 'ok'], [1, 'reopen', 'Conflict'], [2, 'cancel', 'none']);
const steps = [0, 1, 2];
const compared = { whole, steps, mustRefuse: false };

test('a command that is taken in the whole sequence, or that QEMU fails at, was refused', () => {
  expect(newlyRefused([run([0, 'mirror', 'No such node'])], compared)).toBe('No such node');
  expect(newlyRefused([run([0, 'mirror', 'ok'], [2, 'cancel', 'No job'])], compared)).toBe('No job');
});

test('where a step was left out, the rest is compared with what it was', () => {
  const variant = run([0, 'reopen', 'Conflict'], [1, 'cancel', 'No job']);
  expect(newlyRefused([variant], { ...compared, steps: [1, 2] })).toBe('No job');
});

test('what is refused in the whole sequence, too, or not in every run, or comes after the failure, does not count', () => {
  const same = run([0, 'mirror', 'ok'], [1, 'reopen', 'Conflict'], [2, 'cancel', 'ok']);
  expect(newlyRefused([same], compared)).toBeUndefined();
  const race = run([0, 'mirror', 'ok'], [2, 'cancel', 'No job']);
  expect(newlyRefused([race, same], compared)).toBeUndefined();
  const after = run([0, 'mirror', 'ok'], [3, 'quit', 'Too late']);
  expect(newlyRefused([after], { ...compared, steps: [0, 1, 2, 3] })).toBeUndefined();
  expect(newlyRefused([], compared)).toBeUndefined();
});

test('where QEMU has to refuse what it dies of, a refusal is right; one of what QAPI does not understand is not', () => {
  const refused = run([0, 'mirror', 'ok'], [2, 'cancel', 'Bitmap not found']);
  expect(newlyRefused([refused], { ...compared, mustRefuse: true })).toBeUndefined();
  const malformed = run([0, 'mirror', 'ok'], [2, 'cancel', "Parameter 'id' is missing"]);
  expect(newlyRefused([malformed], { ...compared, mustRefuse: true })).toBe("Parameter 'id' is missing");
  const before = run([0, 'mirror', 'No such node']);
  expect(newlyRefused([before], { ...compared, mustRefuse: true })).toBe('No such node');
});
