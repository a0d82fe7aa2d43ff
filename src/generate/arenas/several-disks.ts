import type { Disk } from '../../sequence/arena.ts';
import type { ArenaMaker } from './arena-maker.ts';
import { drawFill, drawShape, drawTargetShape } from './disk-shape.ts';
import { mallocPerturb } from './malloc-perturb.ts';
import { frontend, type PairOptions } from './pair.ts';

/** Two sources, and a target or two; all of one size, so that each can be mirrored to each. */
export const twoDisks =
  ({ guest }: PairOptions = {}): ArenaMaker =>
  (draw) => {
    const { sizeBytes } = drawShape(draw);
    const source = (name: string): Disk => ({
      name,
      ...drawTargetShape(draw, sizeBytes),
      fill: drawFill(draw),
      ...frontend(draw, guest),
    });
    const target = (name: string): Disk => ({ name, ...drawTargetShape(draw, sizeBytes) });
    const targets = draw.chance(0.4) ? [target('dst'), target('dst2')] : [target('dst')];
    return { disks: [source('src'), source('src2'), ...targets] };
  };

/** Sources in iothreads of their own, or in one: an export brings its node there. */
export const iothreadDisks =
  ({ guest }: PairOptions = {}): ArenaMaker =>
  (draw) => {
    const iothreads = draw.chance(0.5) ? ['io0'] : ['io0', 'io1'];
    const { sizeBytes } = drawShape(draw);
    const source = (name: string, iothread: string): Disk => ({
      name,
      ...drawTargetShape(draw, sizeBytes),
      fill: drawFill(draw),
      ...(guest || draw.chance(0.7) ? { frontend: 'nbd', iothread } : {}),
    });
    const second = draw.chance(0.3) ? [source('src2', iothreads.at(-1) ?? 'io0')] : [];
    return {
      iothreads,
      ...(draw.chance(0.3) ? { mallocPerturb } : {}),
      disks: [source('src', 'io0'), ...second, { name: 'dst', ...drawTargetShape(draw, sizeBytes) }],
    };
  };
