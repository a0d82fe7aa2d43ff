import { expect, test } from 'vitest';
import { loadProperties, propertyFiles } from '../../src/campaign/properties.ts';
import { drawFrom } from '../../src/generate/draw.ts';
import { generateSequence } from '../../src/generate/generate-sequence.ts';
import { deviceOf } from '../../src/sequence/arena.ts';
import { isCoherent } from '../../src/sequence/coherent.ts';
import { wantsGuest } from '../../src/sequence/machine.ts';
import { type Optional, optionalIn } from '../../src/sequence/optional.ts';
import type { Sequence } from '../../src/sequence/sequence.ts';
import { binaryOf } from './binaries.ts';

const [property] = (await loadProperties(propertyFiles())).filter(({ name }) => name === 'devices');

function drawn(
  version: string,
  flavour: 'system' | 'daemon',
  count: number,
  without: readonly Optional[] = [],
): Sequence[] {
  if (!property) throw new Error('there is no property devices');
  const binary = { ...binaryOf(version, flavour), without: new Set(without) };
  return Array.from({ length: count }, (_, i) => generateSequence(property, binary, drawFrom(`${i}`)));
}

test('machines have every device, and a guest boots only where its disk is bootable', () => {
  const sequences = drawn('11.1', 'system', 200);
  expect(sequences.every(isCoherent)).toBe(true);
  const kinds = new Set(sequences.flatMap(({ arena }) => arena.disks.map(deviceOf)));
  expect(kinds).toEqual(new Set(['virtio', 'scsi', 'nvme', 'usb', 'ide', undefined]));
  const booting = sequences.filter(wantsGuest);
  expect(booting.length).toBeGreaterThan(5);
  expect(booting.length).toBeLessThan(60);
  expect(booting.every(({ arena }) => arena.disks.some(({ bootable }) => bootable))).toBe(true);
  expect(sequences.some(({ arena }) => arena.disks.some(({ queues }) => queues))).toBe(true);
});

test('what a QEMU does not have is not drawn: no IDE slot and no queues on 5.2, no machine in a daemon', () => {
  const disks = drawn('5.2', 'system', 200).flatMap(({ arena }) => arena.disks);
  expect(disks.some((disk) => disk.frontend === 'ide' || disk.queues)).toBe(false);
  expect(drawn('11.1', 'daemon', 50).some(({ arena }) => arena.machine === 'pc')).toBe(false);
});

test('a device that the build leaves out is on no disk, and each that a sequence has is named as what it wants', () => {
  const sequences = drawn('11.1', 'system', 100, ['device scsi', 'device nvme', 'device ide', 'device usb']);
  const kinds = new Set(sequences.flatMap(({ arena }) => arena.disks.map(deviceOf)));
  expect(kinds).toEqual(new Set(['virtio', undefined]));
  expect(new Set(sequences.flatMap(optionalIn).filter((thing) => thing.startsWith('device ')))).toEqual(
    new Set(['device virtio']),
  );
  const none = ['virtio', 'scsi', 'nvme', 'ide', 'usb'].map((kind) => `device ${kind}` as Optional);
  expect(
    drawn('11.1', 'system', 20, none)
      .flatMap(({ arena }) => arena.disks)
      .some(deviceOf),
  ).toBe(false);
});
