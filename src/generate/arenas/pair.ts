import type { Disk } from '../../sequence/arena.ts';
import type { Draw } from '../draw.ts';
import { limits } from '../limits.ts';
import type { ArenaMaker } from './arena-maker.ts';
import { drawFill, drawShape, drawTargetShape } from './disk-shape.ts';

export type PairOptions = {
  /** The source has a frontend, through which a guest can write. */
  guest?: boolean;
};

/** A source and a target of its size. */
export const pair =
  ({ guest }: PairOptions = {}): ArenaMaker =>
  (draw) => {
    const source = drawShape(draw);
    return {
      disks: [
        { name: 'src', ...source, fill: drawFill(draw), ...frontend(draw, guest), ...habits(draw) },
        { name: 'dst', ...drawTargetShape(draw, source.sizeBytes), ...drawTarget(draw) },
      ],
    };
  };

/** A source alone: targets are made by the steps. */
export const singleDisk =
  ({ guest }: PairOptions = {}): ArenaMaker =>
  (draw) => ({
    disks: [
      { name: 'src', ...drawShape(draw), fill: drawFill(draw), ...frontend(draw, guest), ...habits(draw) },
    ],
  });

/** A source that nobody may write, and a target. */
export const readOnlySource: ArenaMaker = (draw) => {
  const source = drawShape(draw);
  return {
    disks: [
      { name: 'src', ...source, fill: drawFill(draw), readOnly: true, ...frontend(draw, false) },
      { name: 'dst', ...drawTargetShape(draw, source.sizeBytes), ...drawTarget(draw) },
    ],
  };
};

/** Frontends cost a connection; without a guest one is there now and then, so that a pivot has something to move. */
export function frontend(draw: Draw, guest: boolean | undefined): Pick<Disk, 'frontend'> {
  if (guest) return { frontend: draw.oneOf(['nbd', 'nbd', 'auto'] as const) };
  return draw.chance(0.3) ? { frontend: draw.oneOf(['nbd', 'auto', 'auto'] as const) } : {};
}

function habits(draw: Draw): Pick<Disk, 'discard' | 'detectZeroes' | 'autoReadOnly'> {
  return {
    ...(draw.chance(0.15)
      ? { discard: 'unmap', detectZeroes: draw.oneOf(['off', 'on', 'unmap'] as const) }
      : {}),
    ...(draw.chance(limits.autoReadOnlyChance) ? { autoReadOnly: true } : {}),
  };
}

/** A fresh image as a rule; stale content shows what was not copied. */
export function drawTarget(draw: Draw): Pick<Disk, 'fill' | 'discard' | 'detectZeroes' | 'autoReadOnly'> {
  return { fill: draw.oneOf(['empty', 'empty', 'seeded'] as const), ...habits(draw) };
}
