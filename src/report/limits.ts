/** Decisions of report/, each with its reason. */
export const limits = {
  /**
   * Of the sequences that were run, this share has to be judged before the verdict may be `pass`. A start in twelve that fails
   * on a busy machine leaves nine tenths; below four fifths something is wrong with the machine, and a pass would hide it.
   */
  decidedShareMin: 0.8,
  /** Of packed details in a page, in characters. Mail servers and trackers take attachments of 5 MB, with the rest of the page. */
  pageBytesMax: 4.5e6,
} as const;
