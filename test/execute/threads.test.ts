import { expect, test } from 'vitest';
import { onEveryQemu, since } from '../real/qemus.ts';
import { driving, seen } from './driving.ts';
import { disk, mirror, untilReady } from './sequences.ts';

onEveryQemu((driven) => {
  const qemu = driving(driven);

  test('threads that have names are as many as before when an arena with an iothread is gone', async () => {
    const part = {
      iothreads: ['io0'],
      disks: [disk({ frontend: 'nbd', iothread: 'io0' }), disk({ name: 'dst' })],
      steps: [mirror({ expect: 'ok' }), untilReady],
    };
    // A thread names itself when it first runs, which on a busy machine is some time after QEMU's start.
    await qemu.run(part);
    const ran = await qemu.run(part);
    const counts = seen(ran, 'process').map(({ threads }) => threads);
    expect(counts).toHaveLength(2);
    expect(counts[1]).toBe(counts[0]);
    expect(counts[0] !== undefined).toBe(since(driven, 11, 1));
  });
});
