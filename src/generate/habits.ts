import type { Draw } from './draw.ts';

/** Tendencies of one sequence, drawn once (swarm testing): probabilities with which its makers do this or that. */
export type Habits = {
  /** A job starts with a rate limit that holds it. */
  slow: number;
  /** A job waits to be finalized or dismissed by hand. */
  byHand: number;
  /** An optional argument is given. */
  options: number;
  /** A job has error policies. */
  policies: number;
  /** A command is not waited for. */
  unawaited: number;
  /** A name is used where it rather does not belong: the target is the source, the node is busy. */
  odd: number;
};

export function drawHabits(draw: Draw, fixed: Partial<Habits> = {}): Habits {
  return {
    slow: draw.oneOf([0, 0.3, 0.6, 0.9]),
    byHand: draw.oneOf([0, 0.15, 0.5]),
    options: draw.oneOf([0, 0.2, 0.5]),
    policies: draw.oneOf([0, 0.3, 0.7]),
    unawaited: draw.oneOf([0, 0, 0, 0.1, 0.4]),
    odd: draw.oneOf([0, 0.02, 0.05]),
    ...fixed,
  };
}

/** For a situation that nobody drew. */
export const evenHabits: Habits = {
  slow: 0.4,
  byHand: 0.2,
  options: 0.3,
  policies: 0.3,
  unawaited: 0,
  odd: 0,
};
