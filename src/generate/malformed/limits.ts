/** Decisions of generate/malformed, each with its reason. */
export const malformedLimits = {
  /** Tries at a step: some commands have nothing that the drawn mutation could break. */
  attempts: 8,
  /** What the schema takes and no sane user sends is a mistake, too: nodes used twice, jobs on layers, odd options. */
  unbrokenShare: 0.15,
  /** Two faults at once show the order of QEMU's checks, and hide each other: most steps have one. */
  twiceShare: 0.2,
  /** Steps that give one argument one kind of value, all alike: the others go by weights, and leave some out for ever. */
  everyKindShare: 0.4,
  /** After raw bytes the rules that rest on knowing every command are undecided, so few steps are sent as such. */
  textShare: 0.03,
  /** Of the steps that lead to a known crash, those that are sent all the same: a hunt that has met it steers round it. */
  knownFailureShare: 0.1,
  /** Of the steps that keep QEMU busy for seconds. */
  slowShare: 0.02,
  /** Objects within objects, as `blockdev-add` allows without end. */
  fillLevels: 3,
  /** Members that may be left out. */
  optionalShare: 0.25,
} as const;
