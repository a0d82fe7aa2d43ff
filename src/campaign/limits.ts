/** Decisions of campaign/, each with its reason. */
export const limits = {
  /** A job that finds no room fails while up to its largest request, 16 MiB of a mirror's buffer, is still free. */
  runFreeBytesMin: 16 * 2 ** 20,
} as const;
