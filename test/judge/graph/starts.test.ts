import { expect, test } from 'vitest';
import { driving, seen } from '../../execute/driving.ts';
import { onOneQemu } from '../../real/qemus.ts';

onOneQemu((driven) => {
  const qemu = driving(driven);

  test.runIf(driven.flavour === 'daemon')(
    'a mirror may be refused onto an overlay whose backing file has another writer',
    async () => {
      const about = { job: 'j0', deadlineMs: 5000 };
      const ran = await qemu.run({
        disks: [
          { name: 'base', format: 'raw', sizeBytes: 65_536 },
          { name: 'src', format: 'qcow2', sizeBytes: 65_536, backing: 'base', frontend: 'nbd' },
          { name: 'dst', format: 'raw', sizeBytes: 65_536 },
        ],
        steps: [
          { qmp: 'block-commit', args: { 'job-id': 'j0', device: 'src' }, expect: 'ok' },
          { await: 'READY', ...about },
          // The export goes on with the base.
          { qmp: 'job-complete', args: { id: 'j0' }, expect: 'ok' },
          { await: 'gone', ...about },
          {
            qmp: 'blockdev-mirror',
            args: { 'job-id': 'j1', device: 'dst', sync: 'full', target: 'src' },
            expect: 'error',
          },
        ],
      });
      expect(ran.rules).toEqual([]);
      expect(seen(ran, 'reply').some(({ error }) => error?.desc.includes("'write'"))).toBe(true);
    },
  );
});
