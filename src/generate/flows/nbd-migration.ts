import type { ArenaMaker } from '../arenas/arena-maker.ts';
import { chain } from '../arenas/chain.ts';
import type { Draw } from '../draw.ts';
import { limits } from '../limits.ts';
import { command, only } from '../steps/command.ts';
import { type Flow, living, type Part, send, sometimes, untilReady, writeBlocking } from './flow.ts';

const job = 'move-src';

/** The disk of a machine that moves without shared storage: mirrored to the destination's export, then cut off. */
export const nbdMigration: Flow = {
  name: 'NBD migration',
  weight: 6,
  arena: (draw, binary) => movingArena(draw, binary),
  parts: (draw) => [
    ...sometimes(draw, 0.4, 'hole'),
    mirror,
    'hole',
    ...sometimes(draw, 0.4, writeBlocking(job), 'hole'),
    untilReady(job),
    'hole',
    ...ending(draw),
    (_, situation) => [
      { await: 'gone', job: living(situation, job) ? job : '#0', deadlineMs: limits.finishMirrorDeadlineMs },
    ],
    ...sometimes(draw, 0.5, 'hole'),
  ],
};

/** `dst` lies at the destination, a QEMU of the same build. */
export const movingArena: ArenaMaker = (draw, binary) => {
  const { disks } = chain({ depth: draw.int(1, 2), guest: true })(draw, binary);
  const above = disks.filter(({ name }) => name !== 'dst');
  const sizeBytes = above.at(-1)?.sizeBytes ?? 0;
  return {
    disks: [
      ...above,
      {
        name: 'dst',
        format: draw.oneOf(['qcow2', 'raw'] as const),
        sizeBytes,
        servedBy: 'destination',
      },
    ],
  };
};

const mirror: Part = (draw, situation) => {
  const sync = draw.oneOf(['full', 'full', 'top'] as const);
  const args = {
    'job-id': job,
    device: { disk: 'src' },
    sync,
    ...draw.sometimes(0.5, { 'copy-mode': draw.oneOf(['background', 'write-blocking'] as const) }),
    ...draw.sometimes(situation.habits.slow / 2, {
      speed: draw.oneOf(limits.slowSpeeds),
      'buf-size': draw.oneOf(limits.slowBufBytes),
    }),
    ...draw.sometimes(0.5, { 'on-target-error': draw.oneOf(['report', 'stop'] as const) }),
  };
  return draw.chance(0.4)
    ? only(
        command(draw, situation, 'drive-mirror', {
          ...args,
          target: { uri: 'dst' },
          mode: 'existing',
          format: 'raw',
        }),
      )
    : only(command(draw, situation, 'blockdev-mirror', { ...args, target: { node: 'dst' } }));
};

/** The copy as it is then, as libvirt and Proxmox take it; a pivot to the destination's disk; or given up. */
const ending = (draw: Draw): readonly Part[] => {
  const soft = [send('block-job-cancel', { device: job })];
  const pivot = [send('block-job-complete', { device: job })];
  const force = [send('block-job-cancel', { device: job, force: true })];
  return draw.oneOf([soft, soft, pivot, pivot, force]);
};
