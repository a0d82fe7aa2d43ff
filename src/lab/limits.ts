/** Decisions of lab/, each with its reason. */
export const limits = {
  /** Incremented when a message's shape changes: machines with another number are refused, whatever their version says. */
  protocol: 1,
  /** A worker is shown as dead when it has been silent for five beats: one may be lost, and a loaded machine is late. */
  heartbeatEveryMs: 3_000,
  heartbeatLifeMs: 15_000,
  /** How long a dead worker is still listed. */
  deadWorkersShownMs: 3_600_000,
  /** The live page is redrawn from this; more often, and Redis would be busy with it in a small lab. */
  statusEveryMs: 1_000,
  /** A campaign's curve: 600 points, thinned out by half each time that it is full. */
  historyPointsMax: 600,
  /** Of one message: a trace is 1 MiB at most as a rule, and a shard shows few signatures for the first time. */
  messageBytesMax: 32 * 2 ** 20,
  /** Of one heartbeat or status: hundreds of findings at some hundred bytes. */
  statusBytesMax: 4 * 2 ** 20,
  /** A name, label, path or line of text that is shown. */
  textLengthMax: 4_096,
} as const;
