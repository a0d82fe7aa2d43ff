import { expect, test } from 'vitest';
import { type CuttingPlan, type CuttingState, openCutting } from '../../src/lab/cutting.ts';
import type { HuntJob } from '../../src/lab/jobs.ts';
import { limits } from '../../src/lab/limits.ts';

const [a, b, late] = ['a', 'b', 'c'].map((digit) => digit.repeat(16)) as [string, string, string];
const plan: CuttingPlan = {
  campaign: '0'.repeat(16),
  seed: '7',
  turns: ['x', 'y', 'z'],
  sequences: 100,
};
const forever = Number.POSITIVE_INFINITY;

test('shards of the first programs have each number of the budget once, with the property and program of one machine', () => {
  const shards = allOf(opened(plan, [a, b]), [a, b]);
  const drawn = shards.flatMap(({ property, program, from, step, count }) =>
    Array.from({ length: count }, (_, i) => ({ index: from + i * step, property, program })),
  );
  // As campaign/lanes/next-run.ts: programs take turns, and after each round the next property does.
  expect(drawn.sort((one, other) => one.index - other.index)).toEqual(
    Array.from({ length: 100 }, (_, index) => ({
      ...{ index, program: [a, b][index % 2], property: ['x', 'y', 'z'][Math.floor(index / 2) % 3] },
    })),
  );
  expect(new Set(shards.map(({ id }) => id)).size).toBe(shards.length);
});

test('what was cut is not cut again by a cutting that goes on from its state', () => {
  const first = opened(plan, [a, b]);
  const before = [first.next(a, forever), first.next(b, forever)];
  const again = openCutting(plan, JSON.parse(JSON.stringify(first.state())) as CuttingState);
  const after = allOf(again, [a, b]);
  const all = [...before.flatMap((shard) => shard ?? []), ...after];
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  expect(all.reduce((sum, { count }) => sum + count, 0)).toBe(100);
});

test('a program that comes late has numbers and a seed of its own, and none where the sequences are settled', () => {
  const { sequences: _, ...timed } = plan;
  const cutting = opened(timed, [a]);
  cutting.admit(late);
  expect(cutting.next(late, forever)).toMatchObject({ program: late, seed: `7 ${late}`, from: 0, step: 3 });
  const settled = opened(plan, [a]);
  settled.admit(late);
  expect(settled.next(late, forever)).toBeUndefined();
});

test('a shard is as long as a shard is to take, and near the end of the budget a quarter of what is left', () => {
  const cutting = opened({ ...plan, sequences: 1_000_000 }, [a]);
  expect(cutting.next(a, forever)?.count).toBe(limits.firstShardSequences);
  cutting.measured(a, 8, 8 * 50);
  expect(cutting.next(a, forever)?.count).toBe(limits.shardMs / 50);
  expect(cutting.next(a, 4_000)?.count).toBe(1_000 / 50);
  expect(cutting.next(a, 1)?.count).toBe(1);
  cutting.measured(late, 1, 0);
  expect(opened({ ...plan, shardSequencesMax: 3 }, [a]).next(a, forever)?.count).toBe(3);
});

test('properties advance evenly', () => {
  const cutting = opened(plan, [a]);
  const order = Array.from({ length: 6 }, () => cutting.next(a, forever)?.property);
  expect(order).toEqual(['x', 'y', 'z', 'x', 'y', 'z']);
});

function opened(of: CuttingPlan, programs: readonly string[]) {
  const cutting = openCutting(of);
  for (const program of programs) cutting.admit(program);
  cutting.settle();
  return cutting;
}

function allOf(cutting: ReturnType<typeof opened>, programs: readonly string[]): HuntJob[] {
  const shards: HuntJob[] = [];
  while (!cutting.isSpent())
    for (const program of programs) {
      const shard = cutting.next(program, forever);
      if (shard) shards.push(shard);
    }
  return shards;
}
