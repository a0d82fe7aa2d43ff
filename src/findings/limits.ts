/** Decisions of findings/, each with its reason. */
export const limits = {
  /** The lock is held for some milliseconds; a writer on a frozen file system is waited for this long. */
  lockWaitMs: 30_000,
  /** A crash that every hunt meets would grow its file without end. */
  seedsKept: 20,
  /** A rate that rests on fewer runs is no rate: of those that show one time in four, ten runs miss 6 %. */
  rateRunsMin: 10,
  /** Where those do not all say the same, or say nothing: of those that show one time in four, twenty miss 0.3 %. */
  rateRunsInDoubt: 20,
  /** Runs without a verdict on one QEMU, after which it is left. */
  undecidedMax: 5,
} as const;
