export const limits = {
  /** A return with more paths is introspection (query-qmp-schema, qom-list-types): `mirrorfuzz qemu` compares that. */
  membersMax: 300,
  /**
   * How often a sequence with an unexplained difference is run again on each QEMU. What comes up every other time is
   * then taken for a difference once in a thousand: 6 times alike on one, 5 times alike on the other.
   */
  recheckRuns: 4,
} as const;
