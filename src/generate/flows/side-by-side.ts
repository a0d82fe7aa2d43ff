import type { ArenaMaker } from '../arenas/arena-maker.ts';
import { pair } from '../arenas/pair.ts';
import { limits } from '../limits.ts';
import { command, only } from '../steps/command.ts';
import { type Flow, living, type Part, send, sometimes, untilReady } from './flow.ts';

const arena: ArenaMaker = (draw, binary) => pair({ guest: true })(draw, binary);

/** Proxmox moves a disk while its backup runs: a drive-mirror above the filter of a backup. */
export const mirrorBesideBackup: Flow = {
  name: 'mirror beside backup',
  weight: 1.5,
  arena,
  parts(draw) {
    const backupFirst = draw.chance(0.7);
    const first = backupFirst ? backup : mirror;
    const second = backupFirst ? mirror : backup;
    return [
      first,
      ...sometimes(draw, 0.5, 'hole'),
      second,
      'hole',
      untilReady('move'),
      'hole',
      draw.chance(0.6)
        ? send('block-job-complete', { device: 'move' })
        : send('block-job-cancel', { device: 'move' }),
      ...sometimes(draw, 0.5, 'hole'),
      send('block-job-set-speed', { device: 'saved', speed: 0 }),
      (_, situation) =>
        ['move', 'saved'].flatMap((job) =>
          living(situation, job)
            ? [{ await: 'gone' as const, job, deadlineMs: limits.finishMirrorDeadlineMs }]
            : [],
        ),
      ...sometimes(draw, 0.5, 'hole'),
    ];
  },
};

/** Held back, so that the mirror meets it half way. */
const backup: Part = (draw, situation) =>
  only(
    command(draw, situation, 'blockdev-backup', {
      'job-id': 'saved',
      device: { disk: 'src' },
      target: { node: 'dst' },
      sync: draw.oneOf(['full', 'full', 'none'] as const),
      ...draw.sometimes(0.7, { speed: draw.oneOf(limits.slowSpeeds) }),
      ...draw.sometimes(0.3, { compress: situation.arena.disks[1]?.format === 'qcow2' }),
    }),
  );

const mirror: Part = (draw, situation) => {
  const args = {
    'job-id': 'move',
    device: { disk: 'src' },
    sync: 'full',
    ...draw.sometimes(0.3, { speed: draw.oneOf(limits.slowSpeeds), 'buf-size': 65_536 }),
    ...draw.sometimes(0.3, { 'copy-mode': 'write-blocking' }),
  };
  const format = draw.oneOf(['qcow2', 'raw'] as const);
  return only(
    command(draw, situation, 'drive-mirror', { ...args, target: { newFile: `moved.${format}` }, format }),
  );
};
