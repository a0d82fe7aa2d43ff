import { expect, test } from 'vitest';
import type { Step } from '../../src/sequence/step.ts';
import { onEveryQemu, onOneQemu, since } from '../real/qemus.ts';
import { awaited, driving, events, seen } from './driving.ts';
import { cancel, disk, mirror, untilGone, untilReady } from './sequences.ts';

/** A copy to READY, ended there: the target is then what the source was. */
const copy: Step[] = [mirror({ expect: 'ok' }), untilReady, cancel, untilGone];

onEveryQemu((driven) => {
  const qemu = driving(driven);

  test('a chain of three is streamed into its top, which then reads as before', async () => {
    const chain = [
      disk({ name: 'base' }),
      disk({ name: 'mid', backing: 'base' }),
      disk({ name: 'top', backing: 'mid' }),
    ];
    const ran = await qemu.run({
      disks: [...chain, disk({ name: 'twin', backing: 'mid', fill: 'empty' })],
      steps: [
        { qmp: 'block-stream', args: { 'job-id': 'j0', device: { disk: 'twin' } }, expect: 'ok' },
        { await: { event: 'BLOCK_JOB_COMPLETED' }, job: 'j0', expect: 'met' },
        untilGone,
      ],
      after: [{ same: ['twin', 'mid'] }, { check: 'twin' }],
    });
    expect(ran.rules).toEqual([]);
    expect(seen(ran, 'image').map(({ outcome }) => outcome)).toEqual(['holds', 'holds']);
  });

  test('the guest writes through an NBD export in an iothread while the disk is copied', async () => {
    const ran = await qemu.run({
      iothreads: ['io0'],
      disks: [disk({ frontend: 'nbd', iothread: 'io0', sizeBytes: 2 ** 22 })],
      steps: [
        { pause: 20 }, // 7.2 aborts now and then where a client has only just connected (nbd/server.c, blk_aio_attached)
        mirror({ expect: 'ok' }),
        ...[0, 1, 2, 3].map(
          (n): Step => ({
            guest: 'write',
            disk: 'src',
            offsetBytes: n * 2 ** 20,
            lengthBytes: 2 ** 16,
            wait: false,
            expect: 'ok',
          }),
        ),
        { guest: 'zero', disk: 'src', offsetBytes: 2 ** 18, lengthBytes: 2 ** 16, unmap: true, expect: 'ok' },
        { guest: 'read', disk: 'src', offsetBytes: 0, lengthBytes: 2 ** 20, expect: 'ok' },
        { await: 'guest', expect: 'met' },
        untilReady,
        { guest: 'flush', disk: 'src', expect: 'ok' },
        cancel,
        untilGone,
      ],
      after: [{ same: ['src', 'dst'] }],
    });
    expect(ran.rules).toEqual([]);
    expect(seen(ran, 'guest-end').map(({ result }) => result)).toEqual(Array(7).fill('ok'));
    expect(ran.pristine).toBe(true);
  });

  test('a disk with a blkdebug layer fails from the start where its rules say so, and nowhere else', async () => {
    const ran = await qemu.run({
      disks: [disk({ frontend: 'nbd', layers: [{ blkdebug: [{ iotype: 'write', errno: 'EIO' }] }] })],
      steps: [
        { guest: 'write', disk: 'src', offsetBytes: 0, lengthBytes: 4096, expect: 'error' },
        { guest: 'read', disk: 'src', offsetBytes: 0, lengthBytes: 4096, expect: 'ok' },
      ],
    });
    expect(ran.rules).toEqual([]);
    expect(seen(ran, 'guest-end').map(({ result }) => result)).toEqual(['error', 'ok']);
  });

  test('a throttled disk is opened at once, holds a copy up for minutes, and lets go when all is settled', async () => {
    const ran = await qemu.run({
      disks: [disk({ layers: [{ throttle: { bytesPerSecond: 1000 } }], fill: 'full', frontend: 'nbd' })],
      steps: [
        mirror({ expect: 'ok' }),
        { guest: 'write', disk: 'src', offsetBytes: 0, lengthBytes: 2 ** 19, wait: false },
        { await: 'READY', job: 'j0', deadlineMs: 50 },
      ],
    });
    expect(ran.rules).toEqual([]);
    expect(awaited(ran)).toEqual(['expired']);
    expect(seen(ran, 'guest-end').map(({ result }) => result)).toEqual(['ok']);
    expect(ran.pristine).toBe(true);
  });

  test('a throttle that is taken off before the copy does not hold it up', async () => {
    const ran = await qemu.run({
      disks: [disk({ layers: [{ throttle: { bytesPerSecond: 1000 } }] })],
      steps: [{ fault: 'throttle', disk: 'src', iops: 1 }, { fault: 'unthrottle', disk: 'src' }, ...copy],
      after: [{ same: ['src', 'dst'] }],
    });
    expect(ran.rules).toEqual([]);
    expect(seen(ran, 'fault').map(({ outcome }) => outcome)).toEqual(['armed', 'armed']);
  });

  test.runIf(since(driven, 6, 1))('an injected error ends a job, and is gone once lifted', async () => {
    const onto: object = { target: { disk: 'dst' } };
    const ran = await qemu.run({
      disks: [disk(), disk({ name: 'dst', format: 'raw', fill: 'empty' })],
      steps: [
        { fault: 'inject', disk: 'dst', iotype: 'write', errno: 'EIO' },
        mirror({ expect: 'ok' }, onto),
        untilGone,
        { fault: 'lift', disk: 'dst' },
        mirror({ expect: 'ok' }, onto),
        untilReady,
        cancel,
        untilGone,
      ],
      after: [{ same: ['src', 'dst'] }],
    });
    expect(ran.rules).toEqual([]);
    expect(seen(ran, 'fault').map(({ outcome }) => outcome)).toEqual(['armed', 'armed']);
    const endings = events(ran, 'BLOCK_JOB_COMPLETED').map(({ data }) => data.error);
    expect(endings).toEqual(['Input/output error', undefined]);
    expect(ran.pristine).toBe(true);
  });

  test.runIf(!since(driven, 6, 1))(
    'without blockdev-reopen an error can’t be injected, and nothing of it stays',
    async () => {
      const ran = await qemu.run({
        disks: [disk()],
        steps: [
          { fault: 'inject', disk: 'src', iotype: 'read', errno: 'EIO' },
          { fault: 'inject', disk: 'src', iotype: 'read', errno: 'EIO' },
          ...copy,
        ],
        after: [{ same: ['src', 'dst'] }],
      });
      expect(ran.rules).toEqual([]);
      expect(seen(ran, 'fault').map(({ outcome }) => outcome)).toEqual(['refused', 'refused']);
      expect(ran.pristine).toBe(true);
    },
  );
});

onOneQemu((driven) => {
  const qemu = driving(driven);

  test.each([0, 1, 511, 513, 65_537])(
    'a raw disk of %i bytes is copied to its last byte',
    async (sizeBytes) => {
      const ran = await qemu.run({
        disks: [disk({ format: 'raw', sizeBytes })],
        steps: copy,
        after: [{ same: ['src', 'dst'] }],
      });
      expect(ran.rules).toEqual([]);
      expect(ran.pristine).toBe(true);
    },
  );

  test.each([0, 512, 66_048])('a qcow2 disk of %i bytes is copied to its last sector', async (sizeBytes) => {
    const ran = await qemu.run({
      disks: [disk({ sizeBytes, clusterBytes: 512 })],
      steps: copy,
      after: [{ same: ['src', 'dst'] }, { check: 'dst' }],
    });
    expect(ran.rules).toEqual([]);
  });

  test('a disk of 1 TiB is written to at its very end', async () => {
    const ran = await qemu.run({
      disks: [disk({ format: 'raw', sizeBytes: 2 ** 40, fill: 'empty', frontend: 'nbd' })],
      steps: [{ guest: 'write', disk: 'src', offsetBytes: 2 ** 40 - 4096, lengthBytes: 4096, expect: 'ok' }],
    });
    expect(ran.rules).toEqual([]);
  });

  test('a disk that is not opened is only a file, which a command may open', async () => {
    const ran = await qemu.run({
      disks: [disk({ name: 'later', open: false })],
      steps: [
        { qmp: 'query-named-block-nodes', expect: { return: [] } },
        {
          qmp: 'blockdev-add',
          args: { driver: 'qcow2', 'node-name': 'n', file: { driver: 'file', filename: { path: 'later' } } },
          expect: 'ok',
        },
      ],
    });
    expect(ran.rules).toEqual([]);
    expect(ran.pristine).toBe(true);
  });

  test('a disk that QEMU refuses ends the run before its first step', async () => {
    const ran = await qemu.run({
      disks: [disk({ name: 'a' }), disk({ name: 'a-file' })],
      steps: [{ qmp: 'query-version' }],
    });
    expect(seen(ran, 'step')).toEqual([]);
    expect(seen(ran, 'reply').some(({ error }) => error?.desc.includes('a-file'))).toBe(true);
    expect(ran.pristine).toBe(true);
  });

  test('a guest request to a disk without a frontend ends in an error, and so does a fault that can’t be', async () => {
    const ran = await qemu.run({
      disks: [disk()],
      steps: [
        { guest: 'write', disk: 'src', expect: 'error' },
        { fault: 'throttle', disk: 'src', iops: 1 },
        { fault: 'inject', disk: 'nobody', errno: 'EIO' },
      ],
    });
    expect(ran.rules).toEqual([]);
    expect(seen(ran, 'guest-end')[0]?.text).toContain('the disk has no frontend');
    expect(seen(ran, 'fault').map(({ outcome, text }) => [outcome, text])).toEqual([
      ['refused', 'src has no throttle layer'],
      ['refused', 'nobody has no node to inject below'],
    ]);
  });

  test.runIf(driven.flavour === 'system')(
    'a drive is named by its own id, and the guest writes to it',
    async () => {
      const ran = await qemu.run({
        disks: [disk({ frontend: 'drive' })],
        steps: [
          { guest: 'write', disk: 'src', offsetBytes: 0, lengthBytes: 4096, expect: 'ok' },
          mirror({ expect: 'ok' }),
          untilReady,
          { qmp: 'block-job-complete', args: { device: 'j0' }, expect: 'ok' },
          untilGone,
          { guest: 'write', disk: 'src', offsetBytes: 4096, lengthBytes: 4096, expect: 'ok' },
        ],
      });
      expect(ran.rules).toEqual([]);
      expect(seen(ran, 'command').find(({ name }) => name === 'blockdev-mirror')?.args.device).toBe(
        'drive-src',
      );
      expect(ran.pristine).toBe(true);
    },
  );
});
