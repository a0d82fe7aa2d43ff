import { expect, test } from 'vitest';
import { isCoherent } from '../../src/sequence/coherent.ts';
import type { Sequence } from '../../src/sequence/sequence.ts';
import type { Step } from '../../src/sequence/step.ts';

const disk = { name: 'src', format: 'qcow2', sizeBytes: 2 ** 20 } as const;
const sequenceOf = (...steps: Step[]): Sequence => ({
  schema: 1,
  title: 't',
  arena: { disks: [disk] },
  steps,
});
const overlay = (newFile: string): Step => ({
  qmp: 'blockdev-snapshot-sync',
  args: { 'node-name': 'src', 'snapshot-file': { newFile }, 'snapshot-node-name': 's0' },
  wait: false,
});
const newDisk = (name: string): Step => ({
  qmp: 'transaction',
  args: {
    actions: [
      { type: 'blockdev-snapshot', data: { node: 'src', overlay: { newDisk: name, format: 'qcow2' } } },
    ],
  },
});

test('a disk that is made over a file of QEMU’s makes no sense', () => {
  expect(isCoherent(sequenceOf(overlay('s0.qcow2'), newDisk('s0')))).toBe(false);
});

test.each<[string, Sequence]>([
  ['another file', sequenceOf(overlay('s1.qcow2'), newDisk('s0'))],
  ['a file of another format', sequenceOf(overlay('s0.raw'), newDisk('s0'))],
  ['a file that was a disk before', sequenceOf(newDisk('s0'), overlay('s0.qcow2'), newDisk('s0'))],
])('%s is none of that', (_, sequence) => {
  expect(isCoherent(sequence)).toBe(true);
});
