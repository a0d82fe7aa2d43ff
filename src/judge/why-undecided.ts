/** Why a rule could not decide. The words are for people; nothing reads them back. */
export const whyUndecided = {
  'after a crash': 'QEMU crashed before that',
  'killed by others': 'QEMU was killed by SIGKILL, not by us',
  "other QEMU's images": 'the images are as another QEMU left them',
  'cut off': 'the trace is cut off',
  version: 'the rule does not hold for this version of QEMU',
} as const;

export type WhyUndecided = keyof typeof whyUndecided;
