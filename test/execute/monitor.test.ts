import { expect, test } from 'vitest';
import type { Step } from '../../src/sequence/step.ts';
import { onOneQemu } from '../real/qemus.ts';
import { awaited, driving, replyTo, seen } from './driving.ts';
import { disk, mirror, untilReady } from './sequences.ts';

onOneQemu((driven) => {
  const qemu = driving(driven);

  test('commands that are not waited for are in flight together, and each is answered', async () => {
    const ran = await qemu.run({
      steps: [
        ...Array<Step>(20).fill({ qmp: 'query-version', wait: false, expect: 'ok' }),
        { await: 'reply' },
      ],
    });
    expect(ran.rules).toEqual([]);
    expect(awaited(ran)).toEqual(['met']);
    const kinds = ran.trace
      .filter(({ kind }) => kind === 'command' || kind === 'reply')
      .map(({ kind }) => kind);
    // All were sent before the first was answered.
    expect(kinds.slice(0, 20)).toEqual(Array(20).fill('command'));
  });

  test('a job whose start is not answered yet may still come: awaiting it is not moot', async () => {
    const ran = await qemu.run({
      disks: [disk()],
      steps: [mirror({ wait: false, expect: 'ok' }), { await: 'READY', job: '#0', expect: 'met' }],
    });
    expect(ran.rules).toEqual([]);
    expect(awaited(ran)).toEqual(['met']);
  });

  const hostile: [string, Step][] = [
    ['malformed JSON', { raw: '{"execute": ]\n', expect: 'error' }],
    ['a command cut in half', { raw: '{"execute": "query-ver' }],
    ['brackets without end', { raw: { repeat: '[', times: 5000 }, expect: 'error' }],
    ['NUL bytes', { raw: ['{"execute": "', { base64: 'AAAA' }, '"}\n'], expect: 'error' }],
    ['bytes that are no UTF-8', { raw: ['{"execute": "', { base64: '/v+A' }, '"}\n'], expect: 'error' }],
    ['JSON that is no command', { raw: '[1, 2]\n"three"\n4\nnull\n', expect: 'error' }],
    [
      'a valid command, a byte a packet',
      { raw: '{"execute": "query-version", "id": "mine"}\n', splitAt: [1, 2, 3, 12, 20, 40] },
    ],
  ];

  test.each(hostile)('after %s the monitor answers as before', async (_what, step) => {
    const ran = await qemu.run({ steps: [step, { qmp: 'query-version', expect: 'ok' }] });
    expect(ran.rules).toEqual([]);
    expect(ran.pristine).toBe(true);
    const probe = seen(ran, 'command').find(({ id }) => String(id).startsWith('probe-'));
    expect(seen(ran, 'reply').find(({ id }) => id === probe?.id)?.return).toBeDefined();
  });

  test('packets that a raw step cuts at make one command', async () => {
    const ran = await qemu.run({
      steps: [{ raw: '{"execute": "query-version", "id": "mine"}\n', splitAt: [5, 17, 30] }],
    });
    expect(seen(ran, 'reply').find(({ id }) => id === 'mine')?.return).toHaveProperty('qemu');
  });

  test('raw steps without resync make one stream of bytes, and the step after them finds it closed', async () => {
    const ran = await qemu.run({
      steps: [
        { raw: '{"execute": "query-', resync: false },
        { pause: 5 },
        { raw: 'version", "id": "mine"}', resync: false },
        { raw: '{"execute": "query-version", "id": "swallowed"', resync: false },
        { qmp: 'query-version', expect: 'ok' },
        { raw: '{"left": "open', resync: false },
      ],
    });
    expect(ran.rules).toEqual([]);
    expect(ran.pristine).toBe(true);
    const ids = seen(ran, 'reply').map(({ id }) => id);
    expect(ids).toContain('mine');
    expect(ids).not.toContain('swallowed');
    expect(replyTo(ran, 4)?.return).toHaveProperty('qemu');
  });

  test('an out-of-band command is sent as one, and the session for it speaks out-of-band', async () => {
    const ran = await qemu.run({
      steps: [
        { qmp: 'query-version', oob: true },
        { qmp: 'query-version', expect: 'ok' },
      ],
    });
    expect(seen(ran, 'command')[0]).toMatchObject({ name: 'query-version', oob: true });
    // Without the capability the answer would be another: that exec-oob is no member of a command.
    expect(replyTo(ran, 0)?.error?.desc).toMatch(/does not support OOB/);
    expect(ran.rules).toEqual([]);
  });

  test('QEMU stopped by a signal answers when it continues, and nobody waits for it meanwhile', async () => {
    const ran = await qemu.run({
      disks: [disk()],
      steps: [
        { fault: 'sigstop' },
        { qmp: 'query-version', expect: 'ok' },
        mirror({ expect: 'ok' }),
        { await: 'READY', job: '#0' },
        { raw: '{"execute": ', resync: false },
        { qmp: 'query-jobs', expect: 'ok' },
        { fault: 'sigcont' },
        untilReady,
      ],
    });
    expect(ran.rules).toEqual([]);
    expect(awaited(ran)).toEqual(['moot', 'met']);
    const continued = ran.trace.findIndex((each) => each.kind === 'fault' && each.step === 6);
    const stopped = ran.trace.findIndex((each) => each.kind === 'fault');
    expect(ran.trace.slice(stopped, continued).filter(({ kind }) => kind === 'reply')).toEqual([]);
  });

  test('what was sent to a QEMU that is stopped has its whole deadline once QEMU continues', async () => {
    const ran = await qemu.run({
      steps: [
        { fault: 'sigstop' },
        { qmp: 'query-version', expect: 'ok', deadlineMs: 300 },
        { pause: 300 },
        { fault: 'sigcont' },
        { qmp: 'query-jobs', expect: 'ok' },
      ],
    });
    expect(ran.trace.map(({ kind }) => kind)).not.toContain('expired');
    expect(ran.rules).toEqual([]);
  });

  test('the nodes of a QEMU that is stopped are left alone, and nobody waits', async () => {
    const ran = await qemu.run({
      disks: [disk()],
      steps: [{ fault: 'sigstop' }, { fault: 'inject', disk: 'src', errno: 'EIO' }, { fault: 'sigcont' }],
    });
    expect(seen(ran, 'fault')[1]).toMatchObject({ outcome: 'refused', text: 'QEMU is stopped' });
    expect(ran.rules).toEqual([]);
  });

  // It takes seconds: one flavour will do.
  test.runIf(driven.flavour === 'daemon')('a line of 1 MiB is read to its end', async () => {
    const ran = await qemu.run({
      steps: [
        { raw: ['{"execute": "', { repeat: 'x', times: 2 ** 20 }, '"}\n'], expect: 'error' },
        { qmp: 'query-version', expect: 'ok' },
      ],
    });
    expect(ran.rules).toEqual([]);
    expect(seen(ran, 'raw-sent')[0]?.sizeBytes).toBe(2 ** 20 + 16);
    expect(ran.pristine).toBe(true);
  });
});
