import type { Trace } from './observation.ts';
import type { Place } from './place.ts';

/** A query answers in 0.3 ms on the host that the deadlines were written on; a slower host gets longer ones. */
export const ordinaryRoundTripUs = 1_000;

/** How much longer than written a deadline is on this host: never shorter, at most ten times. */
export function hostFactor(roundTripUs: number): number {
  return Math.min(10, Math.max(1, roundTripUs / ordinaryRoundTripUs));
}

/** Time of a whole run in which QEMU or mirrorfuzz got no processor: no wait within it proves anything that is shorter. */
export function lostMs(trace: Trace): number {
  const closed = trace.at(-1);
  return closed?.kind === 'closed' ? (closed.lostUs ?? 0) / 1000 : 0;
}

/** The same up to an observation that says so itself: what was lost later is no excuse for it. */
export function lostMsUntil(trace: Trace, at: Place): number {
  const seen = trace[at];
  return seen?.kind === 'expired' && seen.lostUs !== undefined ? seen.lostUs / 1000 : lostMs(trace);
}
