/** Decisions of generate/raw, each with its reason. */
export const rawLimits = {
  /**
   * A session with out-of-band serves no sequence without, and starting one takes ten times as long as a sequence: of all
   * sequences six in a thousand have it.
   */
  outOfBandShare: 0.3,
  /** The monitor reads a byte per main-loop turn, 30 to 400 kB/s: this much takes seconds. */
  longestBytes: 100_000,
  /** Of the oversized inputs, those of that length; others are a tenth of it. */
  longestShare: 0.1,
  /** Damages to one command: with more of them its first error hides the rest. */
  damages: 3,
} as const;
