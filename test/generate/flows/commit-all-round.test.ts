import { expect, test } from 'vitest';
import humanMonitor from '../../../properties/human-monitor.ts';
import { drawFrom } from '../../../src/generate/draw.ts';
import { generateSequence } from '../../../src/generate/generate-sequence.ts';
import { driving, seen } from '../../execute/driving.ts';
import { onOneQemu } from '../../real/qemus.ts';

onOneQemu(({ target, flavour }) => {
  const qemu = driving({ target, flavour });

  test.runIf(flavour === 'system')('the monitor knows the drives that a round has it commit', async () => {
    const binary = { version: target.version, flavour, schema: await qemu.sessions().schema() };
    const wanted = 'commit drive-src';
    const sequence = Array.from({ length: 60 }, (_, i) =>
      generateSequence(humanMonitor, binary, drawFrom(`commit ${i}`)),
    ).find(({ steps }) => steps.some((step) => 'qmp' in step && step.args?.['command-line'] === wanted));
    const { arena, steps } = sequence ?? { arena: { disks: [] }, steps: [] };
    const ran = await qemu.run({ ...arena, steps });
    const sent = seen(ran, 'command').find(({ args }) => args['command-line'] === wanted);
    const reply = seen(ran, 'reply').find(({ id }) => id === sent?.id);
    expect(reply?.return).toBeTypeOf('string');
    expect(reply?.return).not.toContain('not found');
  });
});
