/** Decisions of judge/protocol, each with its reason. */
export const protocolLimits = {
  /** More raw input than this can queue 100 kB of errors, and then 0xFF was seen to go unanswered (job-facts, section 8.4). */
  rawJudgedBytes: 2_048,
} as const;
