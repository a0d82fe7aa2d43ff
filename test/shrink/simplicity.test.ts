import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Disk } from '../../src/sequence/arena.ts';
import type { Sequence } from '../../src/sequence/sequence.ts';
import { bySimplicity } from '../../src/shrink/simplicity.ts';
import { anySequence } from '../sequence/arbitrary.ts';
import { command, sequenceOf } from './fake-runs.ts';

const disk = (rest: Partial<Disk> = {}): Disk => ({ name: 'src', format: 'raw', sizeBytes: 65_536, ...rest });
const on = (...disks: Disk[]): Sequence => sequenceOf([], { arena: { disks } });
const mirror = (sync: string): Sequence => sequenceOf([command('blockdev-mirror', { sync })]);

const pairs: [what: string, simpler: Sequence, other: Sequence][] = [
  [
    'fewer steps',
    sequenceOf([command('long', { a: 1, b: [1, 2, 3] })]),
    sequenceOf([command('a'), command('b')]),
  ],
  ['an await', sequenceOf([{ await: 'READY', deadlineMs: 1000 }]), sequenceOf([{ pause: 1 }])],
  ['fewer disks', on(disk({ format: 'qcow2', fill: 'full' })), on(disk(), disk({ name: 'dst' }))],
  [
    'fewer arguments',
    sequenceOf([command('a', { speed: 123_456 })]),
    sequenceOf([command('a', { b: 1, c: 2 })]),
  ],
  ['fewer members of a disk', on(disk({ sizeBytes: 2 ** 30 })), on(disk({ frontend: 'nbd' }))],
  ['raw', on(disk()), on(disk({ format: 'qcow2' }))],
  ['the usual size', on(disk()), on(disk({ sizeBytes: 0 }))],
  ['the usual sync', mirror('full'), mirror('top')],
  ['a shorter text', sequenceOf([command('a', { x: 'ab' })]), sequenceOf([command('a', { x: 'abc' })])],
];

test.each(pairs)('%s: that is the simpler sequence', (_what, simpler, other) => {
  expect(bySimplicity(simpler, other)).toBeLessThan(0);
  expect(bySimplicity(other, simpler)).toBeGreaterThan(0);
});

test('any two different sequences are in order, the same both ways round, and three have no circle', () => {
  fc.assert(
    fc.property(anySequence, anySequence, anySequence, (a, b, c) => {
      expect(Math.sign(bySimplicity(a, b))).toBe(-Math.sign(bySimplicity(b, a)) + 0);
      const [least, , most] = [a, b, c].toSorted(bySimplicity) as [Sequence, Sequence, Sequence];
      expect(bySimplicity(least, most)).toBeLessThanOrEqual(0);
    }),
  );
});

test('a sequence is as simple as itself', () => {
  fc.assert(
    fc.property(anySequence, (a) => {
      expect(bySimplicity(a, structuredClone(a))).toBe(0);
    }),
  );
});
