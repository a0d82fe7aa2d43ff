/** Decisions of report/, each with its reason. */
export const limits = {
  /**
   * Of the sequences that a hunt ran, this share has to be judged before it may say `pass`. A start in twelve that fails
   * on a busy machine leaves nine tenths; below four fifths something is wrong with the machine, and a pass would hide it.
   */
  decidedShareMin: 0.8,
} as const;
