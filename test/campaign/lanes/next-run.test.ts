import { expect, test } from 'vitest';
import { openInteresting } from '../../../src/campaign/feedback/interesting.ts';
import { nextRun } from '../../../src/campaign/lanes/next-run.ts';
import { limits } from '../../../src/campaign/limits.ts';
import type { ProgramPlan } from '../../../src/campaign/worker/worker-messages.ts';
import { drawFrom } from '../../../src/generate/draw.ts';
import type { Sequence } from '../../../src/sequence/sequence.ts';

const program = (flavour: string) => ({ target: { version: '10.0.13' }, flavour }) as unknown as ProgramPlan;
const plan = {
  seed: '1',
  programs: [program('system'), program('daemon')],
  properties: ['a', 'b', 'quick', 'short'],
  turns: ['a', 'b', 'quick', 'short'],
};
const opening = ['quick', 'short'];
const last = 2 * limits.openingRounds;

test('the opening has every other turn on each program at first, and the others lose none', () => {
  const first = Array.from({ length: 16 }, (_, i) =>
    nextRun(i, { ...plan, opening }, undefined, drawFrom('x')),
  );
  expect(first.filter(({ program: at }) => at === 0).map(({ property }) => property)).toEqual([
    'quick',
    'a',
    'short',
    'b',
    'quick',
    'quick',
    'short',
    'short',
  ]);
  const rest = Array.from({ length: 8 }, (_, i) =>
    nextRun(last + i, { ...plan, opening }, undefined, drawFrom('x')),
  );
  expect(new Set(rest.map(({ property }) => property))).toEqual(new Set(plan.turns));
  expect(nextRun(6, plan, undefined, drawFrom('x')).property).toBe('short');
});

test('what opens a hunt is fresh, and varies nothing', () => {
  const interesting = openInteresting(50);
  for (let i = 0; i < 20; i++) interesting.seed({ title: `${i}` } as Sequence);
  const choices = drawFrom('choices');
  const origins = Array.from({ length: last }, (_, i) =>
    nextRun(i, { ...plan, opening }, interesting, choices),
  );
  const isOpening = (i: number): boolean => (i >> 1) % 2 === 0;
  expect(origins.filter((_, i) => isOpening(i)).every(({ origin }) => origin.from === 'property')).toBe(true);
  expect(origins.filter(({ origin }) => origin.from === 'parents').length).toBeGreaterThan(30);
});
