import { type Mutation, replaced } from '../draft.ts';
import { exactly } from '../numbers.ts';

/** Values that have felled QEMU; known-failures.ts sees to it that few of them are sent. */
export const knownFailure: Mutation = {
  weight: 2,
  apply(draw, draft, { situation }) {
    const device = draw.anyOf(situation.arena.disks.filter(({ open }) => open !== false));
    const commands = situation.binary.schema.commands;
    if (draw.chance(0.5) || !device || !commands.has('blockdev-backup')) {
      return {
        command: 'blockdev-add',
        args: {
          driver: draw.oneOf(['null-co', 'null-aio']),
          'node-name': 'x0',
          size: draw.oneOf([-1, -512]),
        },
      };
    }
    const backup = { device: { disk: device.name }, 'job-id': 'h0', target: 'no-such-node', sync: 'full' };
    const size = exactly(draw.oneOf(['268435456', '4294967296', '4611686018427387904']));
    const other = draft.command === 'blockdev-backup' ? draft : { command: 'blockdev-backup', args: backup };
    return replaced(replaced(other, ['x-perf'], {}), ['x-perf', 'min-cluster-size'], size);
  },
};
