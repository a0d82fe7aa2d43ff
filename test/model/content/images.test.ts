import { expect, test } from 'vitest';
import { freshImages } from '../../../src/model/content/images.ts';
import type { Disk } from '../../../src/sequence/arena.ts';
import type { Step } from '../../../src/sequence/step.ts';

const KiB = 1024;
const base: Disk = { name: 'base', format: 'raw', sizeBytes: 128 * KiB, fill: 'full' };

function holds(file: string, disks: Disk[], steps: Step[] = []): [number, number, string][] {
  const image = freshImages({ schema: 1, title: 'images', arena: { disks }, steps }).get(file);
  return (image?.initial ?? []).map(({ from, to, origins }) => [from, to - from, [...origins].join()]);
}

test('an empty overlay shows its backing file', () => {
  const src: Disk = { name: 'src', format: 'qcow2', sizeBytes: 128 * KiB, backing: 'base' };
  expect(holds('src.qcow2', [base, src])).toEqual([[0, 128 * KiB, 'base:0']]);
});

test('a cluster of which a part is filled hides the backing file with zeroes elsewhere', () => {
  const src: Disk = {
    name: 'src',
    format: 'qcow2',
    sizeBytes: 256 * KiB,
    backing: 'base',
    fill: { runs: [[4 * KiB, 512]] },
  };
  expect(holds('src.qcow2', [base, src])).toEqual([
    [0, 4 * KiB, 'zero'],
    [4 * KiB, 512, 'src:0'],
    [4 * KiB + 512, 60 * KiB - 512, 'zero'],
    [64 * KiB, 64 * KiB, 'base:0'],
    [128 * KiB, 128 * KiB, 'zero'],
  ]);
});

test('a disk that a step makes has the size of what the step reads, and shows what lies below it', () => {
  const step = {
    qmp: 'blockdev-mirror',
    args: { device: { disk: 'base' }, target: { newDisk: 'new', format: 'qcow2', backing: 'base' } },
  };
  expect(holds('new.qcow2', [base], [step])).toEqual([[0, 128 * KiB, 'base:0']]);
  expect(holds('new.raw', [base], [{ ...step, args: { target: { newDisk: 'new' } } }])).toEqual([
    [0, 128 * KiB, 'zero'],
  ]);
});
