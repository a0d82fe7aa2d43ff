import type { Arena } from '../../sequence/arena.ts';
import type { Draw } from '../draw.ts';
import type { Binary } from '../situation.ts';

/** Draws the set-up of a sequence. */
export type ArenaMaker = (draw: Draw, binary: Binary) => Arena;

/** One of several arenas, each as likely as any other; name one twice to have it twice as often. */
export const oneOf =
  (...makers: [ArenaMaker, ...ArenaMaker[]]): ArenaMaker =>
  (draw, binary) =>
    draw.oneOf(makers)(draw, binary);
