/** The contract's exit codes, but for those of signals (interrupt.ts). */
export const exitCodes = {
  nothing: 0,
  finding: 1,
  usage: 2,
  environment: 3,
  /** What `git bisect run` takes as "this one can't be tested": it tries a neighbour. */
  bisectSkips: 125,
} as const;

/** Whether this is a `replay --bisect`: known before the options are parsed, since parsing may be what fails. */
export const isBisecting = (words: readonly string[]): boolean =>
  words.includes('replay') && words.some((word) => word === '--bisect' || word === '--bisect=true');
