/** A query answers in 0.3 ms on the host that the deadlines were written on; a slower host gets longer ones. */
const ordinaryRoundTripUs = 1_000;

/** How much longer than written a deadline is on this host: never shorter, at most ten times. */
export function hostFactor(roundTripUs: number): number {
  return Math.min(10, Math.max(1, roundTripUs / ordinaryRoundTripUs));
}
