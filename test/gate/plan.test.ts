import { expect, test } from 'vitest';
import { findingItems, sequenceItems } from '../../src/gate/items.ts';
import { divide } from '../../src/gate/plan.ts';
import type { Sequence } from '../../src/sequence/sequence.ts';
import { finding, item } from './examples.ts';

const items = (count: number, costMs: number) =>
  Array.from({ length: count }, (_, i) => item({ name: `scenario/${i}`, costMs }));

test('a budget that is large enough leaves nothing out, and the hunt gets the rest', () => {
  const plan = divide({
    budgetMs: 600_000,
    workers: 2,
    sequences: items(400, 350),
    findings: items(20, 400),
    hasBaseline: true,
  });
  expect(plan.sequences).toMatchObject({ leftOut: [], reckonedMs: 70_000 });
  expect(plan.findings).toMatchObject({ leftOut: [], reckonedMs: 24_000 });
  expect(plan.huntMs + plan.showingMs).toBe(600_000 - 94_000);
});

test('no part takes more than its share, and what comes last is left out', () => {
  const plan = divide({
    budgetMs: 60_000,
    workers: 1,
    sequences: items(1000, 350),
    findings: items(100, 400),
    hasBaseline: false,
  });
  expect(plan.sequences.reckonedMs).toBeLessThanOrEqual(24_000);
  expect(plan.findings.reckonedMs).toBeLessThanOrEqual(12_000);
  expect(plan.sequences.items.map(({ name }) => name)).toEqual(items(68, 0).map(({ name }) => name));
  expect(plan.sequences.leftOut).toHaveLength(932);
  expect(plan.huntMs).toBeGreaterThan(60_000 * 0.27);
});

test('what is too dear for what is left of a share makes room for something cheaper', () => {
  const sequences = [item({ name: 'dear', costMs: 50_000 }), item({ name: 'cheap', costMs: 100 })];
  const plan = divide({ budgetMs: 10_000, workers: 1, sequences, findings: [], hasBaseline: false });
  expect(plan.sequences.items.map(({ name }) => name)).toEqual(['cheap']);
});

const sequence = (more: Partial<Sequence> = {}): Sequence => ({
  schema: 1,
  title: 't',
  arena: {
    disks: [
      { name: 'src', format: 'qcow2', sizeBytes: 1 },
      { name: 'dst', format: 'qcow2', sizeBytes: 1 },
    ],
  },
  steps: [],
  ...more,
});

test('each scenario comes once before any comes in its other flavour or on other storage', () => {
  const named = (name: string, more = {}) => ({ name, file: `${name}.json`, sequence: sequence(more) });
  const { items: all, withoutStorage } = sequenceItems({
    regressions: [named('old')],
    scenarios: [
      named('any', { tags: ['storage:dst'] }),
      named('system-only', { requires: { flavour: 'system' } }),
    ],
    flavours: ['system', 'daemon'],
    storage: ['file', 'nbd'],
  });
  expect(withoutStorage).toEqual([]);
  expect(all.map(({ name, flavour, storage }) => [name, flavour, storage ?? '-'].join(' '))).toEqual([
    'regression/old system -',
    'scenario/system-only system -',
    'scenario/any system file',
    'regression/old daemon -',
    'scenario/any daemon file',
    'scenario/any system nbd',
    'scenario/any daemon nbd',
  ]);
});

test('what wants storage that is not to be used is left out, and named', () => {
  const disks = [{ name: 'src', format: 'raw' as const, sizeBytes: 1, storage: 'nfs' as const }];
  const scenario = { name: 'nfs', file: 'nfs.json', sequence: sequence({ arena: { disks } }) };
  const { items: all, withoutStorage } = sequenceItems({
    regressions: [],
    scenarios: [scenario],
    flavours: ['daemon'],
    storage: ['file'],
  });
  expect(all).toEqual([]);
  expect(withoutStorage).toEqual(['nfs']);
});

test('folders of the corpus come by turns, and of each what lies far apart first', () => {
  const inFolder = (folder: string, count: number) =>
    Array.from({ length: count }, (_, i) => ({
      name: `${folder}${i}`,
      file: `${folder}/${i}.json`,
      sequence: sequence(),
    }));
  const { items: all } = sequenceItems({
    regressions: inFolder('r', 1),
    scenarios: [...inFolder('a', 5), ...inFolder('b', 2)],
    flavours: ['daemon'],
    storage: ['file'],
  });
  expect(all.map(({ name }) => name.replace(/^.*\//, ''))).toEqual([
    'r0',
    'a0',
    'b0',
    'a2',
    'b1',
    'a4',
    'a1',
    'a3',
  ]);
});

test('of stored findings the most serious one is first', () => {
  const stored = [
    finding({ id: 'aaaaaaaaaaaa', impact: 'wrong-answer' }),
    finding({ id: 'bbbbbbbbbbbb', impact: 'data-loss' }),
  ];
  const all = findingItems(
    stored.map((each) => ({ finding: each, file: 'f', sequence: sequence() })),
    ['system'],
  );
  expect(all.map(({ name }) => name)).toEqual(['finding/bbbbbbbbbbbb', 'finding/aaaaaaaaaaaa']);
});

test('stored findings come first on the program that they were made minimal on', () => {
  const stored = [
    finding({ id: 'aaaaaaaaaaaa', flavour: 'daemon' }),
    finding({ id: 'bbbbbbbbbbbb', flavour: 'system' }),
  ];
  const all = findingItems(
    stored.map((each) => ({ finding: each, file: 'f', sequence: sequence() })),
    ['system', 'daemon'],
  );
  expect(all.map(({ name, flavour }) => `${name} ${flavour}`)).toEqual([
    'finding/aaaaaaaaaaaa daemon',
    'finding/bbbbbbbbbbbb system',
    'finding/aaaaaaaaaaaa system',
    'finding/bbbbbbbbbbbb daemon',
  ]);
});
