import type { Disk } from '../../sequence/arena.ts';
import type { ArenaMaker } from '../arenas/arena-maker.ts';
import { chain } from '../arenas/chain.ts';
import { otherFormats } from '../arenas/other-formats.ts';
import type { Draw } from '../draw.ts';
import { limits } from '../limits.ts';
import type { Binary, Situation } from '../situation.ts';
import { command, only } from '../steps/command.ts';
import { type Flow, type Part, send, sometimes, untilDismissed, untilReady, writeBlocking } from './flow.ts';
import { closeTarget, copyDisk, formatNode, openTarget, type TargetKind } from './target.ts';

const job = 'copy-src';

/** `virsh blockcopy`: a target of two nodes, a mirror that libvirt dismisses itself, then a pivot or a way back. */
export const blockcopy: Flow = {
  name: 'blockcopy',
  weight: 3,
  arena: (draw, binary) => copyArena(draw.int(1, 3))(draw, binary),
  parts: (draw) =>
    parts(draw, [
      [4, 'made outside'],
      [4, 'made by jobs'],
      [3, 'other format'],
    ]),
};

/** The same into images of every format, which `blockdev-create` makes, from images of every format. */
export const copyToMade: Flow = {
  name: 'copy to made',
  arena(draw, binary) {
    const { disks } = otherFormats({ guest: true })(draw, binary);
    const above = disks.filter(({ name }) => name !== 'dst');
    return { disks: [...above, { name: copyDisk, format: 'raw', sizeBytes: 0, open: false }] };
  },
  parts: (draw) =>
    parts(draw, [
      [4, 'made by jobs'],
      [7, 'other format'],
    ]),
};

function parts(draw: Draw, kinds: readonly (readonly [number, TargetKind])[]): readonly Part[] {
  const kind = draw.weighted(kinds) ?? 'made by jobs';
  const shallow = kind !== 'other format' && draw.chance(0.4);
  return [
    ...sometimes(draw, 0.4, 'hole'),
    (inner, situation) => openTarget(kind, shallow ? backingOf(situation) : undefined)(inner, situation),
    ...sometimes(draw, 0.2, 'hole'),
    mirror(shallow),
    'hole',
    ...sometimes(draw, 0.3, writeBlocking(job), 'hole'),
    untilReady(job),
    'hole',
    ...ending(draw),
    ...sometimes(draw, 0.5, 'hole'),
  ];
}

/** A chain with a guest on it, and the file of a copy beside it. */
export const copyArena =
  (depth: number): ArenaMaker =>
  (draw: Draw, binary: Binary) => {
    const { disks } = chain({ depth, guest: true })(draw, binary);
    const above = disks.filter(({ name }) => name !== 'dst');
    const sizeBytes = above.at(-1)?.sizeBytes ?? 0;
    const format = draw.oneOf(['qcow2', 'qcow2', 'raw'] as const);
    const copy: Disk = {
      name: copyDisk,
      format,
      sizeBytes,
      open: false,
      // Reused: what an older copy has left in it.
      ...(draw.chance(0.3) ? { fill: 'seeded' as const } : {}),
    };
    return { disks: [...above, copy] };
  };

/** The node below the copied one, where the arena has opened it. */
const backingOf = ({ nodes }: Situation): string | undefined => {
  const backing = nodes.find(({ name }) => name === 'src')?.backing;
  return nodes.some(({ name }) => name === backing) ? backing : undefined;
};

const mirror =
  (shallow: boolean): Part =>
  (draw, situation) =>
    only(
      command(draw, situation, 'blockdev-mirror', {
        'job-id': job,
        device: draw.chance(0.7) ? { node: 'src' } : { disk: 'src' },
        target: formatNode,
        sync: shallow ? 'top' : draw.oneOf(['full', 'full', 'full', 'top'] as const),
        'auto-finalize': true,
        'auto-dismiss': false,
        ...draw.sometimes(situation.habits.slow / 2, {
          speed: draw.oneOf(limits.slowSpeeds),
          'buf-size': draw.oneOf(limits.slowBufBytes),
          granularity: 65_536,
        }),
        ...draw.sometimes(0.3, { granularity: draw.oneOf([4096, 65_536, 2 ** 20]) }),
        ...draw.sometimes(0.3, { 'copy-mode': draw.oneOf(['background', 'write-blocking'] as const) }),
      }),
    );

/** A pivot, a way back, or a copy of that moment. */
function ending(draw: Draw): readonly Part[] {
  const pivot = [send('job-complete', { id: job }), untilDismissed(job)];
  const abort = [send('job-cancel', { id: job }), untilDismissed(job), closeTarget];
  const keep = [send('block-job-cancel', { device: job }), untilDismissed(job), closeTarget];
  return draw.oneOf([pivot, pivot, abort, keep]);
}
