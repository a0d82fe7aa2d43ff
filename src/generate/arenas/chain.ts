import type { Disk } from '../../sequence/arena.ts';
import type { ArenaMaker } from './arena-maker.ts';
import { drawShape, drawTargetShape } from './disk-shape.ts';
import { frontend, type PairOptions } from './pair.ts';

/** A backing chain of that many images below `src`, and a target that may have the same base. */
export const chain =
  ({ depth, guest }: PairOptions & { depth: number }): ArenaMaker =>
  (draw) => {
    const { sizeBytes } = drawShape(draw);
    const rounded = sizeBytes - (sizeBytes % 512);
    const front = frontend(draw, guest);
    // A drive opens the images below it itself, and locks them: as nodes of their own they could not be opened.
    const below = front.frontend === 'auto' ? { open: false } : {};
    const images = Array.from({ length: depth }, (_, level): Disk => {
      const isTop = level === depth - 1;
      return {
        name: isTop ? 'src' : level === 0 ? 'base' : `mid${level}`,
        format: level === 0 ? draw.oneOf(['qcow2', 'raw'] as const) : 'qcow2',
        sizeBytes: rounded,
        // What an empty one shows is all of what stands below it.
        fill: draw.oneOf(level === 0 ? ['seeded', 'seeded', 'full'] : ['seeded', 'seeded', 'empty']),
        ...(level === 0 ? {} : { backing: level === 1 ? 'base' : `mid${level - 1}` }),
        ...(isTop ? front : below),
      };
    });
    const onBase = depth > 1 && front.frontend !== 'auto' && draw.chance(0.3);
    const target: Disk = onBase
      ? { name: 'dst', format: 'qcow2', sizeBytes: rounded, backing: 'base' }
      : { name: 'dst', ...drawTargetShape(draw, rounded) };
    return { disks: draw.chance(0.6) ? [...images, target] : images };
  };

/** Two overlays of one base: what a job does to one of them must not be seen in the other. */
export const sharedBacking: ArenaMaker = (draw) => {
  const sizeBytes = draw.oneOf([2 ** 20, 2 ** 20, 256 * 1024]);
  const overlay = { format: 'qcow2', sizeBytes, fill: 'seeded', backing: 'base' } as const;
  return {
    disks: [
      { name: 'base', format: draw.oneOf(['qcow2', 'raw'] as const), sizeBytes, fill: 'seeded' },
      { name: 'src', ...overlay },
      { name: 'dst', ...overlay },
    ],
  };
};
