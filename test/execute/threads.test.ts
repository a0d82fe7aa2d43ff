import { expect, test } from 'vitest';
import { onEveryQemu, since } from '../real/qemus.ts';
import { driving, seen } from './driving.ts';
import { disk, mirror, untilReady } from './sequences.ts';

onEveryQemu((driven) => {
  const qemu = driving(driven);

  test('threads that have names are as many as before when an arena with an iothread is gone', async () => {
    const ran = await qemu.run({
      iothreads: ['io0'],
      disks: [disk({ frontend: 'nbd', iothread: 'io0' }), disk({ name: 'dst' })],
      steps: [mirror({ expect: 'ok' }), untilReady],
    });
    const counts = seen(ran, 'process').map(({ threads }) => threads);
    expect(counts).toHaveLength(2);
    expect(counts[1]).toBe(counts[0]);
    expect(counts[0] !== undefined).toBe(since(driven, 11, 1));
  });
});
