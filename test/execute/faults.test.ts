import { expect, test } from 'vitest';
import type { Step } from '../../src/sequence/step.ts';
import { onEveryQemu, since } from '../real/qemus.ts';
import { awaited, driving, replyTo, seen } from './driving.ts';
import { cancel, disk, mirror, untilGone, untilReady } from './sequences.ts';

const ontoDst = { target: { disk: 'dst' } };
const resume: Step = { qmp: 'block-job-resume', args: { device: 'j0' }, expect: 'ok' };
const untilPaused: Step = { await: 'paused', job: 'j0', expect: 'met' };
const target = disk({ name: 'dst', fill: 'empty' });

onEveryQemu((driven) => {
  const qemu = driving(driven);
  const canReopen = since(driven, 6, 1);

  test('a target without room stops a mirror that wants to wait for it, and with room it is whole', async () => {
    const ran = await qemu.run({
      disks: [disk({ fill: 'full' }), { ...target, layers: [{ room: { bytes: 327_680 } }] }],
      steps: [
        mirror({ expect: 'ok' }, { ...ontoDst, 'on-target-error': 'enospc' }),
        untilPaused,
        { qmp: 'query-block-jobs', expect: { return: [{ 'io-status': 'nospace' }] } },
        { fault: 'room', disk: 'dst' },
        resume,
        untilReady,
        cancel,
        untilGone,
      ],
      after: [{ same: ['src', 'dst'] }, { check: 'dst' }],
    });
    expect(ran.rules).toEqual([]);
    expect(ran.pristine).toBe(true);
  });

  test.runIf(canReopen)('a disk that is filled later takes nothing more until it has room', async () => {
    const ran = await qemu.run({
      disks: [disk({ fill: 'full' }), target],
      steps: [
        { fault: 'fill', disk: 'dst' },
        mirror({ expect: 'ok' }, { ...ontoDst, 'on-target-error': 'stop' }),
        untilPaused,
        { fault: 'room', disk: 'dst' },
        resume,
        untilReady,
        cancel,
        untilGone,
      ],
      after: [{ same: ['src', 'dst'] }],
    });
    expect(ran.rules).toEqual([]);
    expect(seen(ran, 'fault').map(({ outcome }) => outcome)).toEqual(['armed', 'armed']);
    expect(ran.pristine).toBe(true);
  });

  test.runIf(canReopen).each([
    { what: 'every write', error: { iotype: 'write' } },
    { what: 'the second write', error: { iotype: 'write', nth: 2, once: true } },
    { what: 'writes to some sectors', error: { iotype: 'write', sectors: [768, 8], once: true } },
    { what: 'the allocation of a cluster', error: { event: 'cluster_alloc', once: true } },
  ] as const)('$what of a target can fail, and be mended', async ({ error }) => {
    const ran = await qemu.run({
      disks: [disk({ fill: 'full' }), target],
      steps: [
        { fault: 'inject', disk: 'dst', errno: 'EIO', ...structuredClone(error) } as Step,
        mirror({ expect: 'ok' }, { ...ontoDst, 'on-target-error': 'stop' }),
        untilPaused,
        { fault: 'lift', disk: 'dst' },
        resume,
        { await: 'READY', job: 'j0' },
      ],
    });
    expect(ran.rules).toEqual([]);
    expect(seen(ran, 'fault').map(({ outcome, text }) => [outcome, text])).toEqual([
      ['armed', undefined],
      ['armed', undefined],
    ]);
    expect(awaited(ran)[0]).toBe('met');
  });

  test('a QEMU that was killed is started again on its images, without its jobs', async () => {
    const ran = await qemu.run({
      disks: [disk({ frontend: 'nbd' })],
      steps: [
        { guest: 'write', disk: 'src', lengthBytes: 4096, pattern: 7, expect: 'ok' },
        { guest: 'flush', disk: 'src', expect: 'ok' },
        mirror({ expect: 'ok' }),
        untilReady,
        { fault: 'sigkill' },
        { qmp: 'query-jobs' },
        { fault: 'restart' },
        { qmp: 'query-jobs', expect: { return: [] } },
        { guest: 'read', disk: 'src', lengthBytes: 4096, expect: 'ok' },
        mirror({ expect: 'ok' }),
        untilReady,
        cancel,
        untilGone,
      ],
      after: [{ same: ['src', 'dst'] }],
    });
    expect(ran.rules).toEqual([]);
    expect(seen(ran, 'restarted')).toHaveLength(1);
    expect(replyTo(ran, 5)).toBeUndefined();
    expect(seen(ran, 'guest-end')[2]?.runs).toEqual([[0, 4096, 'byte:7']]);
    expect(seen(ran, 'phase').map(({ phase }) => phase)).toEqual([
      'set-up',
      'steps',
      'set-up',
      'steps',
      'settle',
      'teardown',
      'after',
    ]);
    expect(ran.pristine).toBe(false);
  });

  test('a QEMU that is there is not started again', async () => {
    const ran = await qemu.run({ disks: [disk()], steps: [{ fault: 'restart' }] });
    expect(seen(ran, 'fault').map(({ text }) => text)).toEqual(['QEMU is still there']);
    expect(ran.rules).toEqual([]);
    expect(ran.pristine).toBe(true);
  });
});
