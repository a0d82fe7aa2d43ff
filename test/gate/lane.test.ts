import { expect, test } from 'vitest';
import type { Tried } from '../../src/campaign/try-out.ts';
import { lookOf } from '../../src/gate/lane.ts';
import type { Observation, Trace } from '../../src/trace/observation.ts';

const asked: Observation = { us: 1, kind: 'command', id: 1, name: 'human-monitor-command', args: {} };
const reply = (cls: string): Observation => ({
  us: 2,
  kind: 'reply',
  id: 1,
  error: { class: cls, desc: 'The command human-monitor-command has not been found' },
});
const steps: Observation = { us: 3, kind: 'phase', phase: 'steps' };

const tried = (trace: Trace, more: Partial<Tried> = {}): Tried => ({
  signatures: [],
  violations: [],
  verdicts: [],
  trace,
  reason: 'the arena was refused: …',
  ...more,
});

test('an arena that takes a command which the program lacks is skipped; any other refusal says nothing', () => {
  const lacks = lookOf(tried([asked, reply('CommandNotFound')]));
  expect(lacks).toMatchObject({ is: 'skipped', reason: 'no human-monitor-command' });
  expect(lookOf(tried([asked, reply('GenericError')])).is).toBe('undecided');
});

test('a step that takes such a command is undecided, and so is a machine that failed', () => {
  expect(lookOf(tried([steps, asked, reply('CommandNotFound')])).is).toBe('undecided');
  const trouble = new Error('no memory') as unknown as NonNullable<Tried['trouble']>;
  expect(lookOf(tried([asked, reply('CommandNotFound')], { trouble })).is).toBe('undecided');
});
