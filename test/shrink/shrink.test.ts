import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isCoherent } from '../../src/sequence/coherent.ts';
import type { Sequence } from '../../src/sequence/sequence.ts';
import { shrink } from '../../src/shrink/shrink.ts';
import { bySimplicity } from '../../src/shrink/simplicity.ts';
import type { Memo } from '../../src/shrink/try-out.ts';
import { undecorated } from '../../src/shrink/undecorated.ts';
import { anySequence } from '../sequence/arbitrary.ts';
import { command, fakeRuns, inOrder, named, sequenceOf, wanted } from './fake-runs.ts';

const letters = 'abcdefghijklmnop'.split('');
const alphabet = sequenceOf(letters.map((letter) => command(letter, { 'job-id': letter, speed: 7 })));
const has =
  (...names: string[]) =>
  (sequence: Sequence) =>
    inOrder(names, named(sequence));

test('what is left is what the failure needs, and nothing else', async () => {
  const { plan } = fakeRuns({ breaks: has('c', 'k') });
  const shrunk = await shrink(alphabet, plan);
  expect(shrunk.sequence.steps).toEqual([command('c'), command('k')]);
  expect(shrunk).toMatchObject({ steps: 2, complete: true, reproduced: { ok: 8, of: 8 } });
});

test('any sequence becomes one that still fails, is no larger, and can spare no step', async () => {
  await fc.assert(
    fc.asyncProperty(anySequence, fc.array(fc.nat(), { maxLength: 3 }), async (sequence, picks) => {
      const kinds = sequence.steps.map((step) => Object.keys(step)[0] as string);
      const needed = [...new Set(picks.map((pick) => pick % Math.max(1, kinds.length)))].sort(
        (a, b) => a - b,
      );
      const wantedKinds = needed.flatMap((i) => kinds[i] ?? []);
      const breaks = ({ steps }: Sequence) =>
        inOrder(
          wantedKinds,
          steps.map((step) => Object.keys(step)[0] as string),
        );
      const { sequence: least, complete } = await shrink(sequence, fakeRuns({ breaks }).plan);
      expect(complete).toBe(true);
      expect(breaks(least)).toBe(true);
      expect(bySimplicity(least, undecorated(sequence))).toBeLessThanOrEqual(0);
      for (const i of least.steps.keys()) {
        const without = { ...least, steps: least.steps.toSpliced(i, 1) };
        expect(breaks(without) && isCoherent(without)).toBe(false);
      }
    }),
    { numRuns: 60 },
  );
});

test('of short sequences it finds what trying every part of them finds', async () => {
  const shortSequence = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 7 });
  await fc.assert(
    fc.asyncProperty(shortSequence, shortSequence, async (names, needed) => {
      fc.pre(inOrder(needed, names));
      const { plan } = fakeRuns({ breaks: has(...needed) });
      const { sequence } = await shrink(sequenceOf(names.map((name) => command(name))), plan);
      expect(sequence.steps).toHaveLength(shortestPart(names, (part) => inOrder(needed, part)));
    }),
    { numRuns: 60 },
  );
});

function shortestPart(names: readonly string[], breaks: (part: readonly string[]) => boolean): number {
  const parts = Array.from({ length: 2 ** names.length }, (_, bits) =>
    names.filter((_, i) => bits & (1 << i)),
  );
  return Math.min(...parts.filter(breaks).map(({ length }) => length));
}

test.each([
  [0.5, 1],
  [0.5, 2],
  [0.2, 1],
  [0.2, 2],
])(
  'a failure that shows in %f of its runs is shrunk to the right one, %d side by side',
  async (rate, lanes) => {
    for (const seed of ['1', '2', '3']) {
      const { plan } = fakeRuns({ breaks: has('c', 'k', 'm'), alsoBreaks: has('e'), rate, seed });
      const { sequence, complete, reproduced } = await shrink(alphabet, { ...plan, lanes });
      expect(named(sequence)).toEqual(['c', 'k', 'm']);
      expect(complete).toBe(true);
      expect(reproduced.ok).toBeGreaterThan(0);
      expect(reproduced.ok).toBeLessThan(reproduced.of);
    }
  },
);

test('a smaller sequence that breaks another rule is not taken for the one that is sought', async () => {
  const { plan } = fakeRuns({ breaks: has('c', 'k'), alsoBreaks: (sequence) => !has('c', 'k')(sequence) });
  expect(named((await shrink(alphabet, plan)).sequence)).toEqual(['c', 'k']);
});

test('a step without which the failure shows far more rarely stays', async () => {
  const rate = (sequence: Sequence): number => (has('p')(sequence) ? 1 : 0.02);
  for (const seed of ['1', '2', '3', '4', '5', '6', '7', '8']) {
    const { plan } = fakeRuns({ breaks: has('c'), rate, seed });
    const { sequence, reproduced } = await shrink(alphabet, plan);
    expect(named(sequence)).toEqual(['c', 'p']);
    expect(reproduced.ok).toBe(reproduced.of);
  }
});

test('a step without which what always shows would show every other time stays', async () => {
  const rate = (sequence: Sequence): number => (has('p')(sequence) ? 1 : 0.5);
  let kept = 0;
  for (let seed = 1; seed <= 40; seed++) {
    const { sequence } = await shrink(alphabet, fakeRuns({ breaks: has('c'), rate, seed: `${seed}` }).plan);
    if (has('p')(sequence)) kept++;
  }
  expect(kept).toBe(40);
});

test('what does not show again is handed back as it was', async () => {
  const { plan, runs } = fakeRuns({ breaks: () => false });
  const shrunk = await shrink(alphabet, plan);
  expect(shrunk).toMatchObject({
    sequence: alphabet,
    complete: false,
    reproduced: { ok: 0, of: runs.length },
  });
});

test('the budget of runs is kept, and what is found by then is the result', async () => {
  const { plan, runs } = fakeRuns({ breaks: has('c', 'k') });
  const shrunk = await shrink(alphabet, { ...plan, budget: { executions: 9, deadlineMs: 60_000 } });
  expect(runs).toHaveLength(9);
  expect(shrunk).toMatchObject({ executions: 9, complete: false });
  expect(shrunk.steps).toBeLessThan(alphabet.steps.length);
  expect(has('c', 'k')(shrunk.sequence)).toBe(true);
});

test('nothing is run once the time is up', async () => {
  const { plan, runs } = fakeRuns({ breaks: has('c') });
  const shrunk = await shrink(alphabet, { ...plan, budget: { executions: 100, deadlineMs: 0 } });
  expect(runs).toEqual([]);
  expect(shrunk).toMatchObject({ sequence: alphabet, complete: false });
});

test('what an earlier shrinking learned is not tried again', async () => {
  const remembered: Memo = new Map();
  const { plan, runs } = fakeRuns({ breaks: has('c', 'k') });
  const first = await shrink(alphabet, { ...plan, remembered });
  const before = runs.length;
  const second = await shrink(alphabet, { ...plan, remembered });
  expect(runs).toHaveLength(before);
  expect(second).toEqual({ ...first, executions: 0 });
});

test('how many run side by side changes nothing of the result', async () => {
  const [one, four] = await Promise.all(
    [1, 4].map((lanes) => shrink(alphabet, { ...fakeRuns({ breaks: has('b', 'g', 'o') }).plan, lanes })),
  );
  expect(four?.sequence).toEqual(one?.sequence);
});

test('no more run side by side than there are lanes', async () => {
  let running = 0;
  let most = 0;
  const { plan } = fakeRuns({ breaks: has('c', 'k'), rate: 0.5 });
  await shrink(alphabet, {
    ...plan,
    lanes: 3,
    async tryOut(candidate) {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      return plan.tryOut(candidate);
    },
  });
  expect(most).toBe(3);
});

test('an error of the machine ends it', async () => {
  const shrinking = shrink(alphabet, {
    ...fakeRuns({ breaks: has('c') }).plan,
    tryOut: () => Promise.reject(new Error('disk full')),
  });
  await expect(shrinking).rejects.toThrow('disk full');
});

test('each improvement is told, and the last one told is the result', async () => {
  const told: Sequence[] = [];
  const { plan } = fakeRuns({ breaks: has('c', 'k') });
  const shrunk = await shrink(alphabet, { ...plan, onProgress: ({ sequence }) => told.push(sequence) });
  expect(told.at(-1)).toEqual(shrunk.sequence);
  for (const [i, sequence] of told.entries())
    expect(bySimplicity(sequence, told[i - 1] ?? alphabet)).toBeLessThan(0);
});

test('notes, tags and comment are no part of what is run', async () => {
  const decorated: Sequence = {
    ...sequenceOf([{ qmp: 'a', note: 'n' }], { comment: 'c', tags: ['t'] }),
  };
  const { plan, runs } = fakeRuns({ breaks: has('a') });
  const { sequence } = await shrink(decorated, plan);
  expect(sequence).toEqual(sequenceOf([command('a')]));
  expect(runs).not.toContainEqual(decorated);
  expect(wanted).toBe(plan.signature);
});
