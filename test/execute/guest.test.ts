import { expect, test } from 'vitest';
import { drawFrom } from '../../src/generate/draw.ts';
import { guestWorkload, workloadKinds } from '../../src/generate/guest-workload.ts';
import type { GuestStep, Step } from '../../src/sequence/step.ts';
import { onEveryQemu, onOneQemu } from '../real/qemus.ts';
import { driving, type Ran, seen } from './driving.ts';
import { cancel, disk, mirror, untilGone, untilReady } from './sequences.ts';

const KiB = 1024;
const guest = (what: GuestStep['guest'], offsetBytes: number, lengthBytes: number, more = {}): GuestStep => ({
  guest: what,
  disk: 'src',
  offsetBytes,
  lengthBytes,
  ...more,
});
const flush: GuestStep = { guest: 'flush', disk: 'src' };
const ends = (ran: Ran) => seen(ran, 'guest-end').map(({ result, text }) => text ?? result);
const found = (ran: Ran) => seen(ran, 'guest-end').flatMap(({ runs }) => (runs ? [runs] : []));

onEveryQemu((driven) => {
  const qemu = driving(driven);

  test('a read tells whose content it found: at first, of which request, which byte, zeroes', async () => {
    const ran = await qemu.run({
      disks: [disk({ frontend: 'nbd', fill: { runs: [[0, 64 * KiB]] }, discard: 'unmap' })],
      steps: [
        guest('write', 4 * KiB, 4 * KiB, { fua: true }),
        guest('write', 8 * KiB, 4 * KiB, { pattern: 65 }),
        guest('zero', 12 * KiB, 4 * KiB),
        guest('write', 70 * KiB + 3, 1005),
        guest('discard', 128 * KiB, 64 * KiB),
        flush,
        guest('read', 0, 128 * KiB),
      ],
    });
    expect(ran.rules).toEqual([]);
    expect(ends(ran)).toEqual(Array(7).fill('ok'));
    expect(found(ran)).toEqual([
      [
        [0, 4 * KiB, 'src:0'],
        [4 * KiB, 4 * KiB, 'src:1'],
        [8 * KiB, 4 * KiB, 'byte:65'],
        [12 * KiB, 4 * KiB, 'zero'],
        [16 * KiB, 48 * KiB, 'src:0'],
        [64 * KiB, 6 * KiB + 3, 'zero'],
        [70 * KiB + 3, 1005, 'src:4'],
        [71 * KiB - 16, 57 * KiB + 16, 'zero'],
      ],
    ]);
  });

  test('what was written before and after a pivot is read from the target', async () => {
    const ran = await qemu.run({
      disks: [disk({ frontend: 'nbd', fill: 'full', sizeBytes: 128 * KiB })],
      steps: [
        guest('write', 0, KiB),
        mirror({ expect: 'ok' }),
        guest('write', KiB, KiB),
        untilReady,
        guest('write', 2 * KiB, KiB),
        { qmp: 'block-job-complete', args: { device: 'j0' }, expect: 'ok' },
        untilGone,
        guest('write', 3 * KiB, KiB),
        guest('read', 0, 128 * KiB),
      ],
    });
    expect(ran.rules).toEqual([]);
    expect(found(ran)[0]?.map(([, , origin]) => origin)).toEqual([
      'src:1',
      'src:2',
      'src:3',
      'src:4',
      'src:0',
    ]);
    expect(ran.pristine).toBe(true);
  });

  test.each([1, 513, 65_537])(
    'a raw disk of %i bytes is written to its last byte, and copied',
    async (sizeBytes) => {
      const ran = await qemu.run({
        disks: [disk({ format: 'raw', sizeBytes, frontend: 'nbd' })],
        steps: [
          guest('write', 0, sizeBytes),
          guest('zero', sizeBytes - 1, 1),
          guest('read', 0, sizeBytes),
          mirror({ expect: 'ok' }),
          untilReady,
          guest('write', sizeBytes - 1, 1),
          guest('read', sizeBytes - 1, 1),
          cancel,
          untilGone,
        ],
        after: [{ same: ['src', 'dst'] }],
      });
      expect(ran.rules).toEqual([]);
      expect(ends(ran)).toEqual(Array(5).fill('ok'));
      expect(found(ran)[0]?.at(-1)).toEqual([sizeBytes - 1, 1, 'zero']);
      expect(ran.pristine).toBe(true);
    },
  );

  test('a request that fails tells why, each its own, and a failed flush is no success', async () => {
    const ran = await qemu.run({
      disks: [
        disk({ frontend: 'nbd', layers: [{ blkdebug: [{ iotype: 'flush', errno: 'EIO' }] }] }),
        disk({ name: 'sealed', frontend: 'nbd', readOnly: true }),
      ],
      steps: [
        guest('write', 0, 512),
        flush,
        guest('write', 2 ** 20, 512),
        guest('read', 2 ** 20 - 1, 2),
        { guest: 'write', disk: 'sealed', offsetBytes: 0, lengthBytes: 512 },
      ],
    });
    expect(ran.rules).toEqual([]);
    expect(ends(ran)).toEqual([
      'ok',
      'Input/output error',
      'beyond the end of the export of 1048576 bytes',
      'beyond the end of the export of 1048576 bytes',
      'the export is read-only',
    ]);
  });

  test('a guest whose export or server a step takes away is told so, and nothing hangs', async () => {
    const server = { type: 'unix', data: { path: { newFile: 'nbd.sock' } } };
    const ran = await qemu.run({
      disks: [disk({ frontend: 'nbd' }), disk({ name: 'other', frontend: 'nbd' })],
      steps: [
        guest('write', 0, 512),
        { guest: 'write', disk: 'other', offsetBytes: 0, lengthBytes: 512 },
        { qmp: 'block-export-del', args: { id: 'export-src', mode: 'hard' }, expect: 'ok' },
        { await: { event: 'BLOCK_EXPORT_DELETED' } },
        guest('write', 0, 512),
        { qmp: 'block-export-add', args: againSrc, expect: 'ok' },
        guest('write', 0, 512),
        { qmp: 'nbd-server-stop', expect: 'ok' },
        guest('write', 0, 512, { wait: false }),
        { guest: 'flush', disk: 'other' },
        { qmp: 'nbd-server-start', args: { addr: server }, expect: 'ok' },
        { await: 'guest', expect: 'met' },
      ],
    });
    expect(ran.rules).toEqual([]);
    const gone = 'the export is gone';
    expect(ends(ran)).toEqual(['ok', 'ok', gone, 'ok', gone, gone]);
    expect(ran.pristine).toBe(true);
  });
});

const againSrc = { id: 'again', type: 'nbd', 'node-name': 'src', name: 'src', writable: true };

onOneQemu((driven) => {
  const qemu = driving(driven);

  test('requests are in flight beside each other and beside commands, and each ends by its number', async () => {
    const many = Array.from({ length: 40 }, (_, n): Step => guest('write', n * KiB, KiB, { wait: false }));
    const ran = await qemu.run({
      disks: [disk({ frontend: 'nbd', fill: 'empty' })],
      steps: [
        ...many,
        { ...flush, wait: false },
        { await: 'guest', expect: 'met' },
        guest('read', 0, 40 * KiB),
      ],
    });
    expect(ran.rules).toEqual([]);
    const ended = seen(ran, 'guest-end').map(({ request }) => request);
    expect(ended.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 42 }, (_, n) => n + 1));
    expect(found(ran)[0]).toEqual(Array.from({ length: 40 }, (_, n) => [n * KiB, KiB, `src:${n + 1}`]));
  });

  test.each(workloadKinds)('a disk is copied while the guest works on it: %s', async (kind) => {
    const workload = (seed: string): Step[] =>
      guestWorkload(drawFrom(seed), kind, { disk: 'src', sizeBytes: 2 ** 20, requests: 30 });
    const ran = await qemu.run({
      disks: [disk({ frontend: 'nbd', discard: 'unmap' })],
      steps: [
        mirror({ expect: 'ok' }),
        ...workload('before READY'),
        untilReady,
        ...workload('after READY'),
        cancel,
        untilGone,
      ],
      after: [{ same: ['src', 'dst'] }, { check: 'dst' }],
    });
    expect(ran.rules).toEqual([]);
    expect(ends(ran)).toEqual(Array(60).fill('ok'));
    expect(seen(ran, 'image').map(({ outcome }) => outcome)).toEqual(['holds', 'holds']);
    expect(ran.pristine).toBe(true);
  });

  test('a frozen QEMU holds a request up to its deadline, and the guest goes on when it is thawed', async () => {
    const ran = await qemu.run({
      disks: [disk({ frontend: 'nbd' })],
      steps: [
        { fault: 'sigstop' },
        guest('write', 0, 512, { wait: false, deadlineMs: 20 }),
        { pause: 200 },
        { fault: 'sigcont' },
        guest('write', 512, 512),
      ],
    });
    expect(seen(ran, 'expired')).toMatchObject([{ what: 'guest', id: 1 }]);
    expect(seen(ran, 'guest-end')).toMatchObject([{ request: 2, result: 'ok' }]);
  });

  test('waiting for a guest whose request never ended is not met', async () => {
    const ran = await qemu.run({
      disks: [disk({ frontend: 'nbd' })],
      steps: [
        { fault: 'sigstop' },
        guest('write', 0, 512, { wait: false, deadlineMs: 20 }),
        { pause: 200 },
        { fault: 'sigcont' },
        { await: 'guest' },
      ],
    });
    expect(seen(ran, 'await')).toMatchObject([{ outcome: 'expired' }]);
  });

  test('a QEMU that quits takes its guest’s disk away', async () => {
    const ran = await qemu.run({
      disks: [disk({ frontend: 'nbd' })],
      steps: [{ qmp: 'quit' }, { await: 'exit' }, guest('write', 0, 512)],
    });
    expect(ran.rules).toEqual([]);
  });

  test.runIf(driven.flavour === 'system')(
    'HMP writes one byte repeated, which the export then reads',
    async () => {
      const ran = await qemu.run({
        disks: [disk({ frontend: 'drive', fill: 'empty' })],
        steps: [
          guest('write', 0, KiB, { via: 'hmp', pattern: 7 }),
          guest('write', KiB, KiB, { via: 'hmp' }),
          guest('read', 0, 2 * KiB),
        ],
      });
      expect(ran.rules).toEqual([]);
      expect(found(ran)).toEqual([
        [
          [0, KiB, 'byte:7'],
          [KiB, KiB, 'byte:98'],
        ],
      ]);
    },
  );
});
