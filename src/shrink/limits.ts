/** Decisions of shrink/, each with its reason. */
export const limits = {
  /** A failure that shows this often in a row is taken for one that always shows: of those that show half the time, 1 in 8. */
  hitsMeasured: 3,
  /** One that does not is run this often; 3 hits by then tell its rate well enough. */
  runsMeasured: 10,
  /** A failure that shows once in five runs shows in 99.6 % of 25. */
  runsMeasuredRare: 25,
  /** Measuring takes no more than this share of the time: a hang takes ten seconds a run. */
  measuringShareMax: 0.25,
  /** Candidates are tried until one that breaks the rule as often as now would have been missed with this chance. */
  missChance: 0.05,
  /** Enough for one run in six; rarer failures would make each step of the shrinking take minutes. */
  triesMax: 16,
  /** The last look at what could not go is so much longer: 5 % of missing it twice is 0.25 %. */
  lastLookFactor: 2,
  /** A smaller sequence is no gain where it shows the failure far more rarely. */
  rateKept: 0.5,
  /** Where a few hits in a row were luck, what always shows has to show so often: of what shows half the time, 1 in 256 does. */
  hitsOfCertain: 8,
  /** Fewer steps than that are as quickly tried one by one as looked at for what they share. */
  unrelatedStepsMin: 3,
  /** Malformed values nest a thousand deep; below this they go with what holds them. */
  depthMax: 24,
  /** Bytes of a raw step up to this number are dropped one at a time, more in halves only. */
  bytesOneByOne: 24,
  /** What an await that has a deadline is given instead of its own: roomy, and no ten seconds a run where it is not met. */
  awaitDeadlineMs: 1_000,
} as const;
