/** Decisions of execute/, each with its reason. Deadlines are for a host of ordinary speed; see `hostFactor`. */
export const limits = {
  /** A command's reply: the slowest legal one seen took 1.5 s (a grouped abort with a request in flight). */
  commandDeadlineMs: 10_000,
  /** An await without a deadline of its own. */
  awaitDeadlineMs: 10_000,
  /** One guest request; a throttled or suspended disk holds it as long as the fault lasts. */
  guestDeadlineMs: 10_000,
  /** Settling: faults are lifted and jobs cancelled by force, so nothing is left to wait for but requests in flight. */
  settleDeadlineMs: 10_000,
  /** One round of asking the jobs to end; the next round asks again what is still there. */
  settleRoundMs: 500,
  /** The monitor reads one byte per main-loop turn: 30 to 400 kB/s were seen (job-facts, section 8.4). */
  monitorBytesPerSecond: 30_000,
  /** How often `query-block-jobs` is asked while waiting for offset = len. */
  progressPollMs: 5,
  /** Rounds of deleting nodes from the top of the graph down; one more than the deepest graph a sequence may build. */
  teardownRounds: 24,
  /** A query answers in 0.3 ms here; a host this many times slower gets deadlines as many times longer. */
  ordinaryRoundTripUs: 1_000,
} as const;

/** How much longer than written a deadline is on this host: never shorter, at most ten times. */
export function hostFactor(roundTripUs: number): number {
  return Math.min(10, Math.max(1, roundTripUs / limits.ordinaryRoundTripUs));
}
