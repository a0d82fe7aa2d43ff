import { expect, test } from 'vitest';
import { judge } from '../../src/judge/judge.ts';
import { onOneQemu } from '../real/qemus.ts';
import { driving, seen } from './driving.ts';
import { disk, mirror, untilGone } from './sequences.ts';

onOneQemu((driven) => {
  const qemu = driving(driven);

  test('strangers at the export, another process at the image and another monitor are met, and gone afterwards', async () => {
    const ran = await qemu.run({
      disks: [disk({ frontend: 'nbd' })],
      steps: [
        { fault: 'stranger', disk: 'src', does: 'silent' },
        mirror({ expect: 'ok' }, { speed: 1, 'buf-size': 65_536 }),
        { fault: 'stranger', disk: 'src', does: 'half' },
        { fault: 'stranger', disk: 'src', does: 'vanish' },
        { fault: 'opener', disk: 'src' },
        { fault: 'opener', disk: 'src', shared: true },
        { guest: 'write', disk: 'src', offsetBytes: 0, lengthBytes: 4096, expect: 'ok' },
        {
          fault: 'monitor',
          commands: [{ qmp: 'job-pause', args: { id: '#0' } }, { qmp: 'query-jobs' }],
        },
        { await: 'paused', job: '#0', expect: 'met' },
        { qmp: 'job-cancel', args: { id: '#0' }, expect: 'ok' },
        untilGone,
      ],
    });
    expect(ran.rules).toEqual([]);
    expect(ran.pristine).toBe(true);
    const outcomes = seen(ran, 'fault').map(({ fault, outcome }) => `${fault.fault} ${outcome}`);
    expect(outcomes).toEqual([
      ...['stranger armed', 'stranger armed', 'stranger armed'],
      // QEMU has the image locked: only whoever asks for no lock gets at it.
      ...['opener refused', 'opener armed', 'monitor armed'],
    ]);
    const why = judge(ran.trace).verdicts.flatMap(({ undecided }) => undecided.map(({ why }) => why));
    expect(why).toContain('another monitor');
  });

  test('a disk without an export has no strangers', async () => {
    const ran = await qemu.run({
      disks: [disk()],
      steps: [{ fault: 'stranger', disk: 'src', does: 'silent' }],
    });
    expect(seen(ran, 'fault').map(({ outcome }) => outcome)).toEqual(['refused']);
  });
});
