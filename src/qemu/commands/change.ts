import { type Cards, live } from '../card.ts';

/**
 * Which changes a live job takes depends on its type and copy mode, and QEMU does not compare `type` with the job, so
 * for a live job either answer stands.
 */
export const changeCommands = {
  'block-job-change': {
    since: '8.2',
    notIn: ['rhel6', 'rhel7'],
    verb: {
      name: 'change',
      takenIn: live,
      does: 'changes',
      answers: 'either',
      spelling: 'block-job',
      id: 'id',
      union: true,
    },
    weight: 3,
  },
} as const satisfies Cards;
