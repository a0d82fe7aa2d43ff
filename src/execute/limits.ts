/** Decisions of execute/, each with its reason. Deadlines are for a host of ordinary speed; see trace/host.ts. */
export const limits = {
  /** What the NBD server needs to answer a handshake; where it takes longer, the client vanishes in the middle of it. */
  strangerHandshakeMs: 3,
  /** A command's reply: the slowest legal one seen took 1.5 s (a grouped abort with a request in flight). */
  commandDeadlineMs: 5_000,
  /** Keys are derived for 2 to 5 s of a processor, of which a loaded machine gives a tenth. */
  keysMs: 50_000,
  /** An await without a deadline of its own. */
  awaitDeadlineMs: 10_000,
  /** One guest request; a throttled or suspended disk holds it as long as the fault lasts. */
  guestDeadlineMs: 10_000,
  /** A guest boots in 50 to 100 ms under TCG, in half a second on a loaded machine. */
  guestBootDeadlineMs: 10_000,
  /** Of a large disk a guest reads the begin: it takes some 10 ms a MiB. */
  guestReadsBytesMax: 16 * 2 ** 20,
  /** From here on a deadline is a claim about QEMU, and time that the machine did not give it is added. */
  prolongedFromMs: 1_000,
  /** A QEMU in an endless loop waits for its turns, too: beyond this many times the deadline as written it hangs. */
  prolongedAtMost: 5,
  /** A job that ignores an error for ever reports it 20,000 times a second: nothing is learnt from more, and memory is finite. */
  observationsMax: 300_000,
  /** Settling: faults are lifted and jobs cancelled by force, so nothing is left to wait for but requests in flight. */
  settleDeadlineMs: 10_000,
  /** A pause, a resume, a limit lifted, a cancel by force take a main-loop turn or a request; longer than what `judge/hang` calls a hang. */
  effectDeadlineMs: 2_500,
  /** An NBD client that was connecting when its node went closes its socket in a thread of its own, milliseconds later. */
  closingDeadlineMs: 1_000,
  /** Sequences after which a session's memory is taken for what it will need: pools and arenas are there by then. */
  warmSequences: 50,
  /**
   * A build that counts, or looks for leaks, does so when it quits: what a session did that crashed, or was killed at a
   * hunt's end, is lost. A new one takes a second, as long as one sequence or two on such a build.
   */
  watchedSequences: 30,
  /** What a killed mirrorfuzz may lack of a trace; a write for each reply costs a tenth of the throughput. */
  traceFlushMs: 5,
  /** One round of asking the jobs to end; the next round asks again what is still there. */
  settleRoundMs: 500,
  /** The monitor reads one byte per main-loop turn: 30 to 400 kB/s were seen. */
  monitorBytesPerSecond: 30_000,
  /** How often `query-block-jobs` is asked while waiting for offset = len. */
  progressPollMs: 5,
  /** Claims about images looked at side by side: a pair is read at once, and QEMU has a core left. */
  claimsAtOnce: 2,
  /** Nodes whose dirty bitmaps are read in the end: each costs an export and a connection, some milliseconds. */
  bitmapNodesRead: 3,
  /** Of each snapshot-access node that much is read in the end, from its begin: a MiB takes a few milliseconds. */
  pastReadBytes: 4 * 2 ** 20,
  /** A read of one piece of it; nothing is left that could hold it up. */
  pastReadDeadlineMs: 2_000,
  /** Of two images that should be the same, the stretches that are named; the runs of both are in no trace. */
  differencesTold: 4,
  /** Rounds of deleting nodes from the top of the graph down; one more than the deepest graph a sequence may build. */
  teardownRounds: 24,
} as const;
