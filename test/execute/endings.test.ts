import { expect, test } from 'vitest';
import { undecided } from '../../src/judge/undecided.ts';
import { onEveryQemu, onOneQemu } from '../real/qemus.ts';
import { awaited, driving, seen } from './driving.ts';
import { disk, mirror, untilReady } from './sequences.ts';

onEveryQemu((driven) => {
  const qemu = driving(driven);

  test('quit ends QEMU in good order whatever job is on, and the images are looked at afterwards', async () => {
    const ran = await qemu.run({
      disks: [disk()],
      steps: [
        mirror({ expect: 'ok' }),
        untilReady,
        { qmp: 'quit', expect: 'ok' },
        { await: 'exit', expect: 'met' },
      ],
      after: [{ check: 'src' }, { same: ['src', 'dst'] }],
    });
    expect(ran.rules).toEqual([]);
    expect(seen(ran, 'exit')).toMatchObject([{ code: 0, signal: null, asked: true }]);
    expect(seen(ran, 'image').map(({ outcome }) => outcome)).toEqual(['holds', 'holds']);
    expect(ran.pristine).toBe(false);
  });

  test('SIGKILL is asked for: it is the end, but no finding', async () => {
    const ran = await qemu.run({
      disks: [disk()],
      steps: [mirror({ expect: 'ok' }), { fault: 'sigkill' }, { qmp: 'query-jobs', expect: 'ok' }],
      after: [{ check: 'src' }],
    });
    expect(ran.rules).toEqual([]);
    expect(seen(ran, 'exit')).toMatchObject([{ signal: 'SIGKILL', asked: true }]);
    // The command after it makes no sense any more, and is not sent.
    expect(seen(ran, 'command').filter(({ step }) => step === 2)).toEqual([]);
  });
});

onOneQemu((driven) => {
  const qemu = driving(driven);

  // Between the reply to quit and the exit the monitor closes: each of these ends somewhere else in between.
  test.each([0, 1, 2, 4, 8])('quit followed by %i ms of pause is no hang', async (pause) => {
    const ran = await qemu.run({ disks: [disk()], steps: [mirror(), { qmp: 'quit' }, { pause }] });
    expect(ran.rules).toEqual([]);
    expect(seen(ran, 'exit')).toMatchObject([{ code: 0, asked: true }]);
  });

  test('a quit that no step waits for is answered while all comes to rest, and nothing is asked after it', async () => {
    const ran = await qemu.run({
      steps: [{ qmp: 'block-dirty-bitmap-add' }, { qmp: 'quit', wait: false }],
    });
    const quitAt = ran.trace.findIndex((seen) => seen.kind === 'command' && seen.name === 'quit');
    expect(
      ran.trace.slice(quitAt + 1).filter(({ kind }) => kind === 'command' || kind === 'expired'),
    ).toEqual([]);
    expect(ran.trace).toContainEqual(expect.objectContaining({ kind: 'exit', code: 0, asked: true }));
  });

  test('a quit that is refused leaves QEMU as it was', async () => {
    const ran = await qemu.run({ steps: [{ qmp: 'quit', args: { now: true }, expect: 'error' }] });
    expect(ran.rules).toEqual([]);
    expect(ran.pristine).toBe(true);
  });

  test.each(['SIGSEGV', 'SIGABRT'] as const)(
    'a QEMU that dies of %s is a crash, and the next sequence has a new session',
    async (signal) => {
      await qemu.run({ steps: [] });
      const startedBefore = qemu.sessions().started();
      const dying = qemu.run({ disks: [disk()], steps: [mirror(), { pause: 300 }, { qmp: 'query-jobs' }] });
      setTimeout(() => qemu.sessions().session()?.signal(signal), 150);
      const ran = await dying;
      expect(ran.rules).toEqual([`crash/signal: ${signal}`]);
      expect(seen(ran, 'exit')).toMatchObject([{ signal, asked: false }]);

      const next = await qemu.run({ steps: [{ qmp: 'query-version', expect: 'ok' }] });
      expect(next.rules).toEqual([]);
      expect(qemu.sessions().started()).toBe(startedBefore + 1);
    },
  );

  test('a SIGKILL that is not ours is no finding, and no pass', async () => {
    await qemu.run({ steps: [] });
    const dying = qemu.run({
      disks: [disk()],
      steps: [mirror(), { pause: 500 }, { qmp: 'query-jobs', expect: 'ok' }],
      after: [{ check: 'src' }, { same: ['src', 'dst'] }],
    });
    setTimeout(() => kill(qemu.sessions().session()?.pid()), 250);
    const ran = await dying;
    expect(seen(ran, 'exit')).toMatchObject([{ signal: 'SIGKILL', asked: false }]);
    expect(ran.rules).toEqual([]);
    expect(undecided(ran.trace)).toBe('QEMU was killed by SIGKILL, not by us (out of memory?)');
  });

  test('also after quit, which somebody else cuts short', async () => {
    await qemu.run({ steps: [] });
    const dying = qemu.run({ steps: [{ fault: 'sigstop' }, { qmp: 'quit', wait: false }, { pause: 300 }] });
    setTimeout(() => kill(qemu.sessions().session()?.pid()), 200);
    const ran = await dying;
    expect(seen(ran, 'exit')).toMatchObject([{ signal: 'SIGKILL', asked: false }]);
    expect(undecided(ran.trace)).toMatch(/not by us/);
  });

  test('what QEMU says on stderr when it falls over stands in the trace before its exit', async () => {
    await qemu.run({ steps: [] });
    const dying = qemu.run({ steps: [{ pause: 200 }] });
    // glib's abort() of an unusable option is out of reach from QMP; a signal that QEMU itself reports is not.
    setTimeout(() => qemu.sessions().session()?.signal('SIGTERM'), 100);
    const ran = await dying;
    const said = ran.trace.findIndex(({ kind }) => kind === 'stderr');
    const exited = ran.trace.findIndex(({ kind }) => kind === 'exit');
    expect(exited).toBeGreaterThan(0);
    expect(said).toBeLessThan(exited);
    expect(ran.rules).toHaveLength(1);
    expect(ran.rules[0]).toMatch(/^crash\/unexpected-exit: exit code 0/);
  });

  test('awaiting ends as soon as it is settled: met, moot, or expired', async () => {
    const ran = await qemu.run({
      disks: [disk()],
      steps: [
        { await: 'READY' },
        { await: 'gone' },
        { await: { event: 'SHUTDOWN' }, deadlineMs: 20 },
        { await: 'reply' },
        { await: 'guest' },
        mirror(),
        untilReady,
        { await: 'offset=len', job: 'j0' },
        { await: 'ready', job: '#0' },
        { await: 'standby', job: '#0', deadlineMs: 20 },
        { qmp: 'job-cancel', args: { id: 'j0' } },
        { await: 'concluded', job: 'j0' },
        { await: { event: 'BLOCK_JOB_READY', data: { device: 'j0' } }, job: 'j0' },
        { await: { event: 'BLOCK_JOB_READY', data: { device: 'j1' } }, job: 'j0' },
        { await: 'running', job: 'j0' },
      ],
    });
    expect(awaited(ran)).toEqual([
      'moot', // there is no job, and none may come
      'met',
      'expired',
      'met',
      'met',
      'met',
      'met',
      'met',
      'expired',
      'met', // it was, and what a job's end brings counts also when it has passed
      'met',
      'moot',
      'moot',
    ]);
  });
});

/** As the kernel does, and not through the session. */
function kill(pid: number | undefined): void {
  if (pid === undefined) throw new Error('there is no QEMU');
  process.kill(pid, 'SIGKILL');
}
