/**
 * What a title does without first, where it would be too long: the greatest. So these stay in this order: what sets the
 * defect off, what was refused, jobs and other commands, faults, options, the guest, verbs, what an assertion claims.
 */
export const minor = {
  trigger: 0,
  refused: 0.5,
  command: 1,
  fault: 1.5,
  option: 2,
  role: 2.5,
  guest: 3,
  verb: 4,
  claim: 4.5,
  slight: 5,
} as const;
