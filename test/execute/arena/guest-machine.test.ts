import { expect, test } from 'vitest';
import type { Step } from '../../../src/sequence/step.ts';
import { onEveryQemu, onOneQemu } from '../../real/qemus.ts';
import { driving, type Part, type Ran, seen } from '../driving.ts';
import { disk, mirror, untilGone, untilReady } from '../sequences.ts';

const KiB = 1024;
const noMachine = 'a storage daemon has no machine that a guest could run on';

const guest = (
  what: 'write' | 'read' | 'zero',
  offsetBytes: number,
  lengthBytes: number,
  more = {},
): Step => ({
  guest: what,
  disk: 'src',
  offsetBytes,
  lengthBytes,
  ...more,
});
const ok = { expect: 'ok' };
const complete: Step = { qmp: 'block-job-complete', args: { device: 'j0' }, expect: 'ok' };

const pc = (part: Part): Part => ({ machine: 'pc', ...part });
const ends = (ran: Ran): string[] => seen(ran, 'guest-end').map(({ result, text }) => text ?? result);

onEveryQemu((driven) => {
  if (driven.flavour === 'daemon') {
    test.skip(noMachine, () => {});
    return;
  }
  const qemu = driving(driven);

  test.each([
    [{}, []],
    [{ iothread: 'io0' }, ['io0']],
  ])(
    'a guest writes through its device %j before, during and after a mirror, and boots from the target',
    async (more, iothreads) => {
      const ran = await qemu.run(
        pc({
          iothreads,
          disks: [disk({ bootable: true, frontend: 'virtio', ...more })],
          steps: [
            guest('write', 64 * KiB, 4 * KiB, ok),
            mirror({ expect: 'ok' }, { speed: 65_536 }),
            guest('write', 512, 64 * KiB, ok),
            guest('write', 900 * KiB, 512, { ...ok, pattern: 65 }),
            { qmp: 'block-job-set-speed', args: { device: 'j0', speed: 0 } },
            untilReady,
            guest('zero', 128 * KiB, 8 * KiB, ok),
            complete,
            untilGone,
            guest('write', 256 * KiB, 1536, ok),
            guest('read', 0, 96 * KiB, ok),
          ],
          after: [{ boots: 'dst' }],
        }),
      );
      expect(ran.rules).toEqual([]);
      expect(seen(ran, 'guest-begin').every(({ via }) => via === 'virtio')).toBe(true);
      expect(seen(ran, 'guest-end').at(-1)?.runs?.slice(0, 2)).toEqual([
        [0, 512, 'boot'],
        [512, 64 * KiB, 'src:2'],
      ]);
      const [boot] = seen(ran, 'boot');
      expect(boot).toMatchObject({ image: 'dst', outcome: 'read', lengthBytes: 1024 * KiB });
      expect(boot?.outcome === 'read' && boot.guest).toBe(boot?.outcome === 'read' && boot.host);
      expect(seen(ran, 'leftover')).toEqual([]);
    },
  );
});

onOneQemu((driven) => {
  if (driven.flavour === 'daemon') {
    test.skip(noMachine, () => {});
    return;
  }
  const qemu = driving(driven);

  test('a request that fails tells what the BIOS says of it', async () => {
    const ran = await qemu.run(
      pc({
        disks: [
          disk({
            format: 'raw',
            frontend: 'virtio',
            layers: [{ blkdebug: [{ iotype: 'write', errno: 'EIO', sector: 8 }] }],
          }),
          disk({ name: 'sealed', frontend: 'virtio', readOnly: true }),
        ],
        steps: [
          guest('write', 0, 512),
          guest('write', 4096, 512),
          guest('write', 2 ** 20, 512),
          guest('write', 100, 512),
          { guest: 'discard', disk: 'src', offsetBytes: 0, lengthBytes: 512 },
          { guest: 'write', disk: 'sealed', offsetBytes: 0, lengthBytes: 512 },
          { guest: 'read', disk: 'sealed', offsetBytes: 0, lengthBytes: 512 },
        ],
      }),
    );
    expect(ran.rules).toEqual([]);
    expect(ends(ran)).toEqual([
      'ok',
      'the BIOS answers 0ch: the device failed the request',
      'the BIOS answers 01h: it knows no such drive or sector',
      'the BIOS counts in sectors of 512 bytes',
      'the BIOS has no discard',
      'the BIOS answers 0ch: the device failed the request',
      'ok',
    ]);
  });

  test('a machine that is stopped holds its requests until it goes on', async () => {
    const ran = await qemu.run(
      pc({
        disks: [disk({ frontend: 'virtio' })],
        steps: [
          { qmp: 'stop', expect: 'ok' },
          guest('write', 0, 512, { wait: false }),
          { await: 'guest', deadlineMs: 100 },
          { qmp: 'cont', expect: 'ok' },
          { await: 'guest', expect: 'met' },
          { qmp: 'stop', expect: 'ok' },
          guest('write', 512, 512, { wait: false }),
        ],
      }),
    );
    expect(ran.rules).toEqual([]);
    expect(seen(ran, 'await').map(({ outcome }) => outcome)).toEqual(['expired', 'met']);
    expect(ends(ran)).toEqual(['ok', 'ok']);
  });

  test('a guest that is killed with its QEMU has flushed what it wrote, and boots again on the same disk', async () => {
    const ran = await qemu.run(
      pc({
        disks: [disk({ bootable: true, frontend: 'virtio' })],
        steps: [
          guest('write', 64 * KiB, 64 * KiB, ok),
          { fault: 'sigkill' },
          { await: 'exit', expect: 'met' },
          { fault: 'restart' },
          guest('read', 64 * KiB, 64 * KiB, ok),
        ],
        after: [{ boots: 'src' }],
      }),
    );
    expect(ran.rules).toEqual([]);
    expect(seen(ran, 'guest-end').at(-1)?.runs).toEqual([[64 * KiB, 64 * KiB, 'src:1']]);
    expect(seen(ran, 'boot')).toMatchObject([{ outcome: 'read' }]);
  });

  test('a disk of which the first sector was written to is told to the byte', async () => {
    const ran = await qemu.run({
      disks: [disk({ format: 'raw', bootable: true, frontend: 'nbd' })],
      steps: [
        { guest: 'write', disk: 'src', offsetBytes: 40, lengthBytes: 60, pattern: 65, expect: 'ok' },
        { guest: 'write', disk: 'src', offsetBytes: 400, lengthBytes: 33, expect: 'ok' },
      ],
      after: [{ content: 'src' }],
    });
    expect(ran.rules).toEqual([]);
    expect(seen(ran, 'content')[0]?.runs.slice(0, 3)).toEqual([
      [0, 40, 'boot'],
      [40, 60, 'byte:65'],
      [100, expect.any(Number), 'boot'],
    ]);
  });
});
