import type { ArenaMaker } from './arena-maker.ts';
import { drawFill, drawShape, drawTargetShape } from './disk-shape.ts';
import { frontend, type PairOptions } from './pair.ts';

/** A source, and files beside it that no node has open: for commands that open their target themselves. */
export const existingFiles =
  ({ guest }: PairOptions = {}): ArenaMaker =>
  (draw) => {
    const source = drawShape(draw);
    return {
      disks: [
        { name: 'src', ...source, fill: drawFill(draw), ...frontend(draw, guest) },
        { name: 'dst', ...drawTargetShape(draw, source.sizeBytes), open: false },
      ],
    };
  };
