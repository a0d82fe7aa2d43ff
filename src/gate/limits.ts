/** Decisions of gate/, each with its reason. */
export const limits = {
  /** Rates of a failure that is shown again: at most `fluke` is an accident, at least `defect` is one of QEMU. */
  reproduction: { fluke: 0.02, defect: 0.3, alpha: 0.01, beta: 0.05 },
  /** A crash or wrong data is no matter of timing: a rare one counts, too, and is looked for longer. */
  graveReproduction: { fluke: 0.002, defect: 0.1, alpha: 0.01, beta: 0.05 },
  /** Odds against the baseline: a gate makes some ten such comparisons, and is wrong in one of twenty gates then. */
  comparison: { odds: 9, alpha: 0.005, beta: 0.1 },
  /** A finding that is gone: its rate is that known before, or a tenth of it. */
  gone: { share: 0.1, alpha: 0.01, beta: 0.05 },
  /** Where no test has come to an end by then, the rate itself is the answer: flaky. */
  pairsMax: 40,
  gravePairsMax: 80,
  /** With fewer pairs than this that only the candidate shows nothing hints at a higher rate. */
  suspiciousPairs: 2,
  /** What the baseline has shown so often without a miss can't be much worse on the candidate. */
  baselineAlways: 5,
  /** Runs of a stored finding before anything is said of it. */
  findingRuns: 3,
  /**
   * One item gets so much of the budget at most: a slow one is shown again for minutes otherwise, and the rest goes without.
   * Less would be too little to compare a hang in a gate of three minutes.
   */
  itemShare: 0.08,
  /** Where that is spent, so many pairs that only the candidate shows are enough: of equal rates at most 1 of 256 does so. */
  pairsInHaste: 4,
  /** Undecided runs of one item; more would be a machine that does not work. */
  undecidedMax: 4,
  /** Hangs are compared at a fifth of the deadlines, and shown once more at the whole. */
  hangDeadlineScale: 0.2,
  /** Where no policy says so: of what was tried, this share has to be decided, or the gate says `unknown`. */
  decidedShareMin: 0.8,
  /** The same: so much of the plan has to be reached. A machine that is busy otherwise reaches a quarter, sampled over all kinds. */
  reachedShareMin: 0.2,
  /** How the budget is divided: a phase that needs less leaves the rest to those after it, and none takes the hunt's. */
  shares: { sequences: 0.4, findings: 0.2, hunt: 0.28, showing: 0.12 },
  /** A hunt that is shorter finds nothing. */
  huntMinMs: 5_000,
  /** What a sequence takes, measured on two cores: local files, a guest that boots, a server of iSCSI or NFS. */
  costMs: { plain: 200, guest: 2_000, server: 1_200, hangs: 5_000 },
  /** A report on disk is replaced so often at most. */
  writeEveryMs: 1_000,
  /** Budget of a gate where none is given. */
  defaultMs: 600_000,
} as const;
