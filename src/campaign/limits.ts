/** Decisions of campaign/, each with its reason. */
export const limits = {
  /** A job that finds no room fails while up to its largest request, 16 MiB of a mirror's buffer, is still free. */
  runFreeBytesMin: 16 * 2 ** 20,
  /** Of the sequences that would run into a known crash, this share is steered round it; the rest keeps it honest. */
  maskedShare: 0.97,
  /** Of those that would meet it only when all is over: as many as the rules about what is left over need. */
  maskedAtEndShare: 0.15,
  /** A mask's own rate counts for as many runs as shrinking usually ends with, beside those met in the hunt. */
  maskRateRuns: 4,
  /** So often a worker meets what a mask of a crash stands for before it trusts it; a hang costs too much for that. */
  maskTrialsMin: 2,
  maskTrialsShare: 0.25,
  /** A version that never showed it in so many runs does not have it: one time in two would be missed once in 1,000. */
  absentRunsMin: 10,
  /** On two programs some 200 sequences, a minute's on a busy machine; half of them are of the opening's properties. */
  openingRounds: 100,
  /** Half the sequences vary what showed something new; the other half stays fresh, or a campaign runs in circles. */
  mutantShare: 0.5,
  /** Of the variants: commands that a job's status has not met are where nobody has looked. */
  aimedShare: 0.4,
  /** Some megabytes at a few kilobytes each. */
  interestingMax: 2_000,
  /** A few megabytes of files; by then what is new is mostly a matter of words. */
  keptPerVersionMax: 500,
  /** Most crashes are minimal in a few seconds; a race may take the rest of it. */
  shrinkDeadlineMs: 20_000,
  /** Each run that hangs takes its deadlines, some ten seconds. */
  shrinkHangDeadlineMs: 90_000,
  /** A candidate that hangs is known by a fifth of the deadlines, a second for a command; the slowest legal answer took 1.5. */
  hangDeadlineScale: 0.2,
  /** Hangs wait more than they work, so that several are confirmed, or tried, side by side even by one worker. */
  hangLanes: 3,
  shrinkExecutionsMax: 400,
  /** A failure that shows once in N runs shows in 95 % of 3 N. */
  showingFactor: 3,
  /** Runs in which a stored sequence has to show its failure once more before it is shrunk again: 1 in 5 does in 96 %. */
  showingRuns: 15,
  /** Ways to one crash that are steered round, each with a minimal sequence of its own; beyond that it is everywhere. */
  masksPerSignatureMax: 8,
  variantDeadlineMs: 8_000,
  /** Of the workers' time: what is met as a known finding is looked into as long as less was spent on shrinking. */
  checkShare: 0.1,
  /** Of the whole time: a hang that takes 90 s to shrink is not worth a short hunt. */
  oneShrinkShare: 0.25,
  /** What to reckon with when time is divided at the end. */
  shrinkUsualMs: 6_000,
  /** Of the workers' time, what is kept back for the end included: a minute that finds four crashes has 42 s to look for more. */
  shrinkShare: 0.3,
  /** A budget is overrun by 5 s at most: what is at work has this long to end, and workers windDownMs to stop. */
  overtimeMs: 2_000,
  /** Killing a QEMU, stopping its servers and removing its directory takes milliseconds; on a busy machine a second. */
  windDownMs: 2_500,
  /** Hangs wait more than they work; with more than this, deadlines measure our own load and no longer QEMU. */
  workersPerCoreMax: 8,
  /** A worker that lived this long is replaced at once: that is no oftener than six times a minute. */
  longLifeMs: 10_000,
  /** After a short life the next one waits, twice as long each time: a machine short of memory gets some back. */
  restartPauseMs: 250,
  restartPauseMaxMs: 30_000,
  /** Deaths in a row, for each worker, with no sequence run in between: 8 s of pauses. No hunt is possible here. */
  fruitlessDeathsMax: 5,
  /** A finding whose shrinking takes a worker along each time stays as it is. */
  requeuesMax: 2,
  /** A machine that fails once in twelve does so five times in a row once in 250,000 tries. */
  thingFailuresMax: 5,
  /** The same of sequences that want QEMU and local files only, where the hunt would end: once in 400 million. */
  plainFailuresMax: 8,
  /** A candidate of shrinking is run again where the machine failed, or it would be taken for one that shows nothing. */
  troubledTries: 5,
  /** A race that shows once in two is shown by three runs in 7 of 8 cases. */
  blockRunsMax: 3,
  /** A block waits 10 s for an answer, and 20 s for the end of a job or of QEMU. */
  blockDeadlineMs: 45_000,
  /** Of a crash a block takes half a second; at the end of a hunt nothing else is waited for. */
  blockWindDownMs: 1_500,
  /** Of a scenario that fails: one that fails half of the time passes once in them in 7 of 8 cases. */
  scenarioRuns: 3,
  /** gdb reads the symbols of some hundred libraries in 3 s, valgrind in 10, on a loaded machine in 35. */
  debuggerStartDeadlineMs: 120_000,
  /** A backtrace takes some kilobytes; valgrind repeats itself where a loop touches what is freed. */
  debuggerOutputBytesMax: 8 * 2 ** 20,
  /** A run under gdb; with less left of a shrink's time there is none. */
  gdbUsualMs: 6_000,
  /** A run under valgrind, and the most of a campaign that is kept back for such. */
  valgrindUsualMs: 20_000,
  explainShare: 0.1,
  /** After shrinking a file, to tell what it shows from what is stored: two runs of a race, each of a known finding's too. */
  gdbAtRecordMs: 20_000,
  /** Under gdb most races show as often as without. */
  gdbRuns: 4,
  /** The first at the sequence's own pace, the others in slow motion. */
  valgrindRuns: 3,
} as const;
