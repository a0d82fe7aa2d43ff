import { expect, test } from 'vitest';
import type { ContentFact } from '../../../src/judge/facts/content.ts';
import { diskMapOf } from '../../../src/report/page/disk-map.ts';
import type { Observation } from '../../../src/trace/observation.ts';

const content: Observation = {
  ...{ us: 9, kind: 'content', claim: 0, image: 'f0', sizeBytes: 1000, sha256: '' },
  runs: [
    [0, 100, 'src:0'],
    [100, 400, 'zero'],
    [500, 500, 'src:7'],
  ],
};
const fact: ContentFact = {
  shape: 'content',
  of: { image: 'f0', when: 'in the end' },
  wrong: [
    {
      ...{ offsetBytes: 200, lengthBytes: 100, holds: { origin: 'zero' } },
      due: [{ origin: 'src:3', by: { kind: 'write', request: 3, acknowledgedUs: 12_300 } }],
    },
  ],
  more: 0,
};

test('beside what a disk holds stands what was due, and which write was lost', () => {
  const { holds, due, wrong, isPart, sizeBytes } = diskMapOf(fact, [content], 0);
  expect(
    holds.map(({ offsetBytes, lengthBytes, tone, isWrong }) => [offsetBytes, lengthBytes, tone, isWrong]),
  ).toEqual([
    [0, 100, 'initial', undefined],
    [100, 100, 'zero', undefined],
    [200, 100, 'zero', true],
    [300, 200, 'zero', undefined],
    [500, 500, 'write', undefined],
  ]);
  expect(
    due.map(({ offsetBytes, lengthBytes, tone, text }) => [offsetBytes, lengthBytes, tone, text]),
  ).toEqual([
    [0, 100, 'initial', 'what src was made with'],
    [100, 100, 'zero', 'zeroes'],
    [200, 100, 'write', 'guest write 3 (acknowledged 12.3 ms)'],
    [300, 200, 'zero', 'zeroes'],
    [500, 500, 'write', 'guest write 7 to src'],
  ]);
  expect(wrong[0]?.words).toContain('Bytes 200 to 299 hold zeroes, not guest write 3');
  expect([isPart, sizeBytes]).toEqual([false, 1000]);
});

test('of a trace without the content the wrong ranges alone are drawn, and it says so', () => {
  const map = diskMapOf({ ...fact, more: 2 }, [], 0);
  expect(map.holds.map(({ offsetBytes, lengthBytes }) => [offsetBytes, lengthBytes])).toEqual([[200, 100]]);
  expect([map.isPart, map.more]).toEqual([true, 2]);
});

test('a wrong range over several runs is wrong in each of them', () => {
  const wide: ContentFact = {
    ...fact,
    wrong: [{ offsetBytes: 50, lengthBytes: 100, holds: { origin: 'zero' }, due: [{ origin: 'boot' }] }],
  };
  const { holds, due } = diskMapOf(wide, [content], 0);
  expect(
    holds.filter(({ isWrong }) => isWrong).map(({ offsetBytes, lengthBytes }) => [offsetBytes, lengthBytes]),
  ).toEqual([
    [50, 50],
    [100, 50],
  ]);
  expect(due.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0)).toBe(1000);
});
