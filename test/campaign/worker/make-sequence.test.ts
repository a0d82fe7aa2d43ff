import { expect, test } from 'vitest';
import { loadProperties, propertyFiles } from '../../../src/campaign/properties.ts';
import { makeSequence } from '../../../src/campaign/worker/make-sequence.ts';
import { deviceOf } from '../../../src/sequence/arena.ts';
import type { Sequence } from '../../../src/sequence/sequence.ts';
import { binaryOf } from '../../generate/binaries.ts';

const [property] = (await loadProperties(propertyFiles())).filter(({ name }) => name === 'lifecycle');
if (!property) throw new Error('there is no property lifecycle');

const parent: Sequence = {
  schema: 1,
  title: 'parent',
  arena: { disks: [{ name: 'src', format: 'raw', sizeBytes: 65536 }] },
  steps: [{ qmp: 'drive-mirror', args: { device: { disk: 'src' }, target: { newFile: 't' }, sync: 'full' } }],
};

function varied(parents: [Sequence], flavour: 'system' | 'daemon'): Sequence {
  const task = {
    kind: 'run',
    index: 1,
    program: 0,
    property: 'lifecycle',
    seed: '1',
    origin: { from: 'parents', parents },
  } as const;
  return makeSequence(task, property as NonNullable<typeof property>, binaryOf('11.1', flavour), [], () => 0)
    .sequence;
}

test('what only qemu-system can do is varied there, and not for a daemon, which has a fresh sequence instead', () => {
  const ofSystem: Sequence = { ...parent, requires: { flavour: 'system' } };
  expect(varied([ofSystem], 'system').requires).toEqual({ flavour: 'system' });
  expect(varied([ofSystem], 'daemon').requires?.flavour).toBeUndefined();
  const withDevice: Sequence = {
    ...parent,
    arena: { machine: 'pc', disks: [{ name: 'src', format: 'raw', sizeBytes: 65536, frontend: 'scsi' }] },
  };
  const devices = (of: Sequence) => of.arena.disks.filter(deviceOf).length;
  expect(devices(varied([withDevice], 'system'))).toBe(1);
  expect(devices(varied([withDevice], 'daemon'))).toBe(0);
});
