import { expect, test } from 'vitest';
import { storageKind } from '../../src/sequence/arena.ts';
import type { Sequence } from '../../src/sequence/sequence.ts';
import { fixedStorage, storageVariants, varyingDisks } from '../../src/sequence/storage-variants.ts';

test('a sequence without a storage tag is its own only variant', () => {
  const sequence = sequenceWith(['mirror']);
  expect(storageVariants(sequence, ['file', 'nbd'])).toEqual([{ sequence }]);
});

test('there is one variant for each kind, in the order of the kinds', () => {
  const variants = storageVariants(sequenceWith(['storage:dst']), ['file', 'nbd', 'nfs']);
  expect(variants.map(({ storage }) => storage)).toEqual(['file', 'nbd', 'nfs']);
});

test('the disks that the tag names change their storage, the others keep theirs', () => {
  const [, onNbd] = storageVariants(sequenceWith(['storage:dst']), ['file', 'nbd']);
  expect(onNbd?.sequence.arena.disks.map(storageKind)).toEqual(['file', 'nbd', 'file']);
});

test('one tag may name several disks', () => {
  const sequence = sequenceWith(['storage:src,dst']);
  expect(varyingDisks(sequence)).toEqual(['src', 'dst']);
  const [onIscsi] = storageVariants(sequence, ['iscsi']);
  expect(onIscsi?.sequence.arena.disks.map(storageKind)).toEqual(['iscsi', 'iscsi', 'file']);
});

test('local files are what the sequence says anyway', () => {
  const sequence = sequenceWith(['storage:dst']);
  expect(storageVariants(sequence, ['file'])).toEqual([{ storage: 'file', sequence }]);
});

test('making variants leaves the sequence as it was', () => {
  const sequence = sequenceWith(['storage:dst']);
  const before = structuredClone(sequence);
  storageVariants(sequence, ['nbd']);
  expect(sequence).toEqual(before);
});

test('the storage that an arena asks for itself is told once, and local files are none', () => {
  const sequence = sequenceWith([]);
  const disks = sequence.arena.disks.map((disk) => ({ ...disk, storage: { nbd: {} } }));
  expect(fixedStorage(sequence)).toEqual([]);
  expect(fixedStorage({ ...sequence, arena: { disks } })).toEqual(['nbd']);
});

function sequenceWith(tags: string[]): Sequence {
  const disks = ['src', 'dst', 'other'].map((name) => ({ name, format: 'raw' as const, sizeBytes: 65_536 }));
  return { schema: 1, title: 'disks', tags, arena: { disks }, steps: [] };
}
