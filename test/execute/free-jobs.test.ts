import { expect, test } from 'vitest';
import { onOneQemu } from '../real/qemus.ts';
import { driving, seen } from './driving.ts';
import { disk, mirror } from './sequences.ts';

onOneQemu((driven) => {
  const qemu = driving(driven);

  test('a job that gets ready while settling asks for its figures is not waited for any longer', async () => {
    for (let run = 0; run < 12; run++) {
      const ran = await qemu.run({
        disks: [disk({ sizeBytes: 2 ** 18 })],
        steps: [mirror(run % 3 === 0 ? {} : { wait: false }, { sync: run % 2 === 0 ? 'none' : 'full' })],
      });
      expect(ran.rules).toEqual([]);
      const asked = seen(ran, 'command').filter(({ name }) => name === 'query-block-jobs');
      // It asks every few milliseconds, as long as a job may take: some five hundred times.
      expect(asked.length).toBeLessThan(100);
    }
  });
});
