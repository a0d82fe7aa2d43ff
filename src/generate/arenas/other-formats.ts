import type { Disk } from '../../sequence/arena.ts';
import type { Draw } from '../draw.ts';
import { limits } from '../limits.ts';
import type { Binary } from '../situation.ts';
import { hasDriver } from '../steps/command.ts';
import type { ArenaMaker } from './arena-maker.ts';
import { drawFill, drawTargetShape } from './disk-shape.ts';
import type { PairOptions } from './pair.ts';

type Shape = Pick<Disk, 'format' | 'qcow2'>;

/** Formats beside plain raw and qcow2, and kinds of qcow2 whose clusters do not lie in the file as they are. */
const others: readonly Shape[] = [
  { format: 'luks' },
  { format: 'vmdk' },
  { format: 'vdi' },
  { format: 'qed' },
  { format: 'qcow2', qcow2: { encrypted: true } },
  { format: 'qcow2', qcow2: { dataFile: 'mapped' } },
  { format: 'qcow2', qcow2: { dataFile: 'raw' } },
  { format: 'qcow2', qcow2: { preallocation: 'full' } },
  { format: 'qcow2', qcow2: { preallocation: 'falloc' } },
];

/** One of them that the binary has a driver for. */
export const drawOther = (draw: Draw, binary: Binary): Shape =>
  draw.anyOf(others.filter(({ format }) => hasDriver(binary, format))) ?? { format: 'raw' };

/** One that may lie over a backing file. */
export const drawOtherOverlay = (draw: Draw): Shape =>
  draw.oneOf<Shape>([
    { format: 'qcow2', qcow2: { encrypted: true } },
    { format: 'qcow2', qcow2: { dataFile: 'mapped' } },
  ]);

/**
 * A source, its base or its target, or several of them, in such a format. A base is of the source's size: not every
 * driver can make its image longer.
 */
export const otherFormats =
  ({ guest }: PairOptions = {}): ArenaMaker =>
  (draw, binary) => {
    const sizeBytes = draw.oneOf([2 ** 20, 2 ** 20, 256 * 1024, 2 ** 20 + 512]);
    const isChain = draw.chance(0.5);
    const fill = drawFill(draw);
    const base: Disk = { name: 'base', sizeBytes, fill: 'seeded', ...drawOther(draw, binary) };
    const overlay: Shape = draw.chance(0.3) ? drawOtherOverlay(draw) : { format: 'qcow2' };
    const src: Disk = {
      name: 'src',
      sizeBytes,
      fill,
      ...(isChain ? { ...overlay, backing: 'base' } : drawOther(draw, binary)),
      ...(guest || draw.chance(0.2) ? { frontend: 'nbd' } : {}),
      ...draw.sometimes(limits.autoReadOnlyChance, { autoReadOnly: true as const }),
    };
    const other = draw.chance(0.9);
    const dst: Disk = {
      name: 'dst',
      ...(other ? { sizeBytes, ...drawOther(draw, binary) } : drawTargetShape(draw, sizeBytes)),
      ...draw.sometimes(0.3, { fill: 'seeded' as const }),
    };
    return { disks: [...(isChain ? [base] : []), src, ...(draw.chance(0.95) ? [dst] : [])] };
  };
