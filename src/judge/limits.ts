/** Decisions of judge/protocol, each with its reason. */
export const protocolLimits = {
  /** Tried up to here on 5.2 to 11.1; with far more, errors queue up and 0xFF was seen to go unanswered. */
  rawJudgedBytes: 2_048,
} as const;
