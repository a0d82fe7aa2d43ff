import { expect, test } from 'vitest';
import type { Step } from '../../src/sequence/step.ts';
import { onOneQemu } from '../real/qemus.ts';
import { driving, seen } from './driving.ts';
import { disk } from './sequences.ts';

const moved: Step[] = [
  {
    qmp: 'migrate-set-capabilities',
    args: { capabilities: [{ capability: 'events', state: true }] },
    expect: 'ok',
  },
  { qmp: 'migrate', args: { uri: { incoming: 'uri' } }, expect: 'ok' },
  { await: { event: 'MIGRATION', data: { status: 'completed' } }, deadlineMs: 5000, expect: 'met' },
  { await: 'arrived', deadlineMs: 5000, expect: 'met' },
];

onOneQemu((driven) => {
  const qemu = driving(driven);

  test.runIf(driven.flavour === 'system')(
    'a machine goes to a second QEMU, and can not go on here while that has its disks',
    async () => {
      const ran = await qemu.run({
        incoming: 'shared',
        disks: [disk()],
        steps: [...moved, { qmp: 'cont', expect: 'error' }],
      });
      expect(ran.rules).toEqual([]);
      expect(seen(ran, 'await').map(({ outcome }) => outcome)).toEqual(['met', 'met']);
      expect(ran.pristine).toBe(false);
    },
  );

  test.runIf(driven.flavour === 'system')('one that has disks of its own leaves them free here', async () => {
    const steps: Step[] = [...moved, { qmp: 'cont', expect: 'ok' }];
    const ran = await qemu.run({ incoming: 'own', disks: [disk()], steps });
    expect(ran.rules).toEqual([]);
  });
});
