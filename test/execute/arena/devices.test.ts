import { expect, test } from 'vitest';
import { deviceFrontends } from '../../../src/sequence/arena.ts';
import type { Step } from '../../../src/sequence/step.ts';
import { onOneQemu } from '../../real/qemus.ts';
import { driving, seen } from '../driving.ts';
import { disk, mirror, untilGone, untilReady } from '../sequences.ts';

const complete: Step = { qmp: 'job-complete', args: { id: 'j0' }, expect: 'ok' };
const write = (more: object): Step => ({
  guest: 'write',
  disk: 'src',
  offsetBytes: 4096,
  lengthBytes: 512,
  ...more,
});

onOneQemu((driven) => {
  if (driven.flavour === 'daemon') {
    test.skip('a storage daemon has no machine', () => {});
    return;
  }
  const qemu = driving(driven);

  test('a disk is any device, jobs pivot it, and one machine serves sequence after sequence', async () => {
    for (const frontend of deviceFrontends.filter((each) => each !== 'ide')) {
      const ran = await qemu.run({
        machine: 'pc',
        disks: [disk({ frontend })],
        steps: [
          write({ via: 'hmp' }),
          mirror({ expect: 'ok' }),
          untilReady,
          complete,
          untilGone,
          write({ via: 'hmp' }),
        ],
        after: [{ content: 'dst' }],
      });
      expect(ran.rules).toEqual([]);
      expect(seen(ran, 'guest-end').map(({ result }) => result)).toEqual(['unattributed', 'unattributed']);
      expect(ran.pristine, frontend).toBe(true);
    }
    expect(qemu.sessions().started()).toBe(1);
  });

  test('what a step lets run, adds and takes away is no obstacle to the next sequence', async () => {
    const ran = await qemu.run({
      machine: 'pc',
      disks: [disk({ frontend: 'scsi' }), disk({ name: 'other', frontend: 'ide' })],
      steps: [
        { qmp: 'cont', expect: 'ok' },
        { qmp: 'device_del', args: { id: 'guest-src' }, expect: 'ok' },
        { await: { event: 'DEVICE_DELETED' }, expect: 'met' },
        { qmp: 'device_del', args: { id: 'ide-slot' }, expect: 'error' },
        { qmp: 'device_add', args: { driver: 'virtio-blk-pci', id: 'more', drive: 'src' }, expect: 'ok' },
        { qmp: 'system_reset', expect: 'ok' },
      ],
    });
    expect(ran.rules).toEqual([]);
    expect(ran.pristine).toBe(true);
  });

  test("the machine's own memory is no object that a step has left behind", async () => {
    const ran = await qemu.run({ machine: 'pc', disks: [], steps: [{ raw: '' }] });
    expect(ran.rules).toEqual([]);
    expect(ran.pristine).toBe(true);
  });

  test('a device without an id can not be taken out: its node is no leak, and the machine serves no more', async () => {
    const ran = await qemu.run({
      machine: 'pc',
      disks: [disk({})],
      steps: [{ qmp: 'device_add', args: { driver: 'virtio-blk-pci', drive: 'src' }, expect: 'ok' }],
    });
    expect(ran.rules).toEqual([]);
    expect(ran.pristine).toBe(false);
  });

  test('a guest reaches an IDE disk beside others, in their order', async () => {
    const ran = await qemu.run({
      machine: 'pc',
      disks: [disk({ name: 'first', frontend: 'virtio' }), disk({ frontend: 'ide' })],
      steps: [
        write({ expect: 'ok' }),
        { guest: 'read', disk: 'src', offsetBytes: 4096, lengthBytes: 1024, expect: 'ok' },
        { guest: 'read', disk: 'first', offsetBytes: 0, lengthBytes: 512, expect: 'ok' },
      ],
    });
    expect(ran.rules).toEqual([]);
    expect(seen(ran, 'guest-begin').map(({ via }) => via)).toEqual(['device', 'device', 'virtio']);
    const reads = seen(ran, 'guest-end').map(({ runs }) => runs);
    expect(reads.slice(1)).toEqual([
      [
        [4096, 512, 'src:1'],
        [4608, 512, 'src:0'],
      ],
      [[0, 512, 'first:0']],
    ]);
  });
});
