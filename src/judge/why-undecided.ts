/** Why a rule could not decide. The words are for people; nothing reads them back. */
export const whyUndecided = {
  'after a crash': 'QEMU crashed before that',
  'killed by others': 'QEMU was killed by SIGKILL, not by us',
  "other QEMU's images": 'the images are as another QEMU left them',
  'cut off': 'the trace is cut off',
  'a server was in trouble': 'a storage server was in trouble',
  'unknown commands': 'raw bytes, or a command that the model does not follow, came before it',
  'a throttle may hold it': 'a throttle may hold it back',
  'a command hangs': 'a command hangs, which another rule reports',
  'a job may hold it': 'a job that has not ended may hold it',
  version: 'the rule does not hold for this version of QEMU',
} as const;

export type WhyUndecided = keyof typeof whyUndecided;
