/** Decisions of findings/, each with its reason. */
export const limits = {
  /** The lock is held for some milliseconds; a writer on a frozen file system is waited for this long. */
  lockWaitMs: 30_000,
  /** A crash that every hunt meets would grow its file without end. */
  seedsKept: 20,
} as const;
