import type { Trace } from '../../trace/observation.ts';
import { asPlace, opening, type Place } from '../../trace/place.ts';

/** What was seen of one QEMU; the first line of the trace stands before each. */
export type LifeOfQemu = {
  trace: Trace;
  /** The first one found the images as the arena says, each later one as the one before it left them. */
  isFirst: boolean;
  /** A place in this life's trace as a place in the whole. */
  placeInAll(at: Place): Place;
};

/** Cut where a QEMU was started again: to it no job, node or command of the former one is known. */
export function livesOfQemu(trace: Trace): LifeOfQemu[] {
  const starts = trace.flatMap((seen, at) => (seen.kind === 'restarted' ? [at] : []));
  const [opened] = trace;
  if (starts.length === 0 || !opened) return [{ trace, isFirst: true, placeInAll: (at) => at }];
  return [1, ...starts].map((start, i) => ({
    trace: [opened, ...trace.slice(start, starts[i] ?? trace.length)],
    isFirst: i === 0,
    placeInAll: (at) => (at === opening ? opening : asPlace(start + at - 1)),
  }));
}
