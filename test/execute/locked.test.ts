import { expect, test } from 'vitest';
import { onEveryQemu } from '../real/qemus.ts';
import { driving, seen } from './driving.ts';
import { cancel, disk, mirror, untilGone, untilReady } from './sequences.ts';

onEveryQemu((driven) => {
  const qemu = driving(driven);

  test('the source of a READY mirror is locked; an image that nobody has open is not', async () => {
    const ran = await qemu.run({
      disks: [disk(), disk({ name: 'idle', open: false })],
      steps: [
        mirror({ expect: 'ok' }),
        untilReady,
        { await: { locked: 'src' }, deadlineMs: 2_000 },
        { await: { locked: 'idle' }, deadlineMs: 100 },
        cancel,
        untilGone,
      ],
    });
    const outcomes = seen(ran, 'await').map(({ outcome }) => outcome);
    expect(outcomes.slice(1, 3)).toEqual(['met', 'expired']);
    expect(ran.rules).toEqual([]);
  });
});
