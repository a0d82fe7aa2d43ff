import { expect, test } from 'vitest';
import { type Mask, maskOf } from '../../../src/campaign/discoveries/mask.ts';
import { openMaskEvidence } from '../../../src/campaign/worker/mask-evidence.ts';
import type { Violation } from '../../../src/judge/rule.ts';
import type { Sequence } from '../../../src/sequence/sequence.ts';

const sequence: Sequence = {
  schema: 1,
  title: 't',
  arena: { disks: [{ name: 'src', format: 'raw', sizeBytes: 65_536 }] },
  steps: [{ qmp: 'query-jobs' }, { qmp: 'query-block' }],
};
const mask = maskOf('crash/x', sequence, 1);
const died = { rule: { kind: 'crash' } } as Violation;

function chanceAfter(of: Mask, runs: readonly { signatures: string[]; violations: Violation[] }[]): number {
  const evidence = openMaskEvidence();
  for (const tried of runs) evidence.note([of], { version: '10.0.13', sequence, tried });
  return evidence.chance(of, '10.0.13');
}

test('a mask whose steps came without its crash is heeded less and less', () => {
  const without = Array.from({ length: 12 }, () => ({ signatures: [], violations: [] }));
  expect(chanceAfter(mask, without)).toBeLessThan(0.3);
  expect(chanceAfter(mask, without.slice(0, 3))).toBeGreaterThan(0.5);
});

test('a mask whose crash came of its steps each time is heeded nearly always, once it is trusted', () => {
  const shows = { signatures: ['crash/x'], violations: [died] };
  expect(chanceAfter(mask, [shows, shows])).toBeCloseTo(0.97);
  expect(chanceAfter(mask, [])).toBeLessThan(0.75);
});

test('a hang is not tried out: each time costs its deadlines', () => {
  expect(chanceAfter({ ...mask, signature: 'hang/command: x' }, [])).toBeCloseTo(0.97);
});

test('where another crash came first, nothing is learnt', () => {
  const other = { signatures: ['crash/y'], violations: [died] };
  expect(chanceAfter(mask, [other, other, other])).toBe(chanceAfter(mask, []));
});

test('what crashes only when all is over is seldom steered round, and never on a version without the defect', () => {
  expect(chanceAfter({ ...mask, atEnd: true }, [])).toBeLessThan(0.2);
  expect(chanceAfter({ ...mask, notOn: ['10.0.13'] }, [])).toBe(0);
});
