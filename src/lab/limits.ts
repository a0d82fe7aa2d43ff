/** Decisions of lab/, each with its reason. */
export const limits = {
  /** Incremented when a message's shape changes: machines with another number are refused, whatever their version says. */
  protocol: 2,
  /** A worker is shown as dead when it has been silent for five beats: one may be lost, and a loaded machine is late. */
  heartbeatEveryMs: 3_000,
  heartbeatLifeMs: 15_000,
  /** How long a dead worker is still listed. */
  deadWorkersShownMs: 3_600_000,
  /** The live page is redrawn from this; its coverage takes some ten thousand bytes for each program. */
  statusEveryMs: 2_000,
  /** A campaign's curve: 600 points, thinned out by half each time that it is full. */
  historyPointsMax: 600,
  /** Of one message: a trace is 1 MiB at most as a rule, and a shard shows few signatures for the first time. */
  messageBytesMax: 32 * 2 ** 20,
  /** Of one heartbeat or status: hundreds of findings at some hundred bytes. */
  statusBytesMax: 4 * 2 ** 20,
  /** A name, label, path or line of text that is shown. */
  textLengthMax: 4_096,
  /** Of a shard: five seconds of the shortest sequences. */
  shardSequencesMax: 1_000,
  /** Long enough that the queue costs nothing, short enough that a dead machine takes little along. */
  shardMs: 5_000,
  /** Before it is known how long a program's sequences take. */
  firstShardSequences: 8,
  /** A worker that says nothing for so long has lost its shard; it says something every third of that. */
  lockMs: 30_000,
  stalledCheckMs: 10_000,
  /** A shard that takes so many workers along is done without. */
  stalledMax: 3,
  /** Of what was shown: names in a table, features of one sequence, moments, violations of one run. */
  namesMax: 20_000,
  featuresMax: 5_000,
  momentsMax: 2_000,
  violationsMax: 64,
  /** How old a count of what waits may be: an idle machine asks four times a second, for all of its lanes. */
  idlePollMs: 250,
  /** A gate asks for one run after the other, each of some hundred milliseconds: a wait for the next is lost time. */
  gatePollMs: 25,
  /** Sequences and masks that a machine which comes late is given. */
  newsMax: 2_000,
  /** Of shards that wait for a lane: enough that none waits for the coordinator. */
  waitingPerLane: 2,
  waitingMin: 4,
  waitingMax: 2_000,
  /** How often it is looked for shards that Redis has lost. */
  auditEveryMs: 5_000,
  /** Answers that can't be read, before a shard is given up. */
  refusalsMax: 3,
  /** A rate or an ablation that takes longer is left as far as it is. */
  rateDeadlineMs: 60_000,
  ablateDeadlineMs: 120_000,
  /** What a run may break, as a gate is shown it: it has to see all. */
  runViolationsMax: 1_000,
  /** Of a corpus, in one job: some seconds. */
  pruneSequencesMax: 16,
  /** How long a worker that has a QEMU is waited for before a gate says that there is none: three heartbeats. */
  offerWaitMs: 10_000,
  /** The journal is written anew when it is longer. */
  journalBytesMax: 8 * 2 ** 20,
} as const;
