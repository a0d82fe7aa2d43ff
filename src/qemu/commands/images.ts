import type { Cards } from '../card.ts';

const later = { notIn: ['rhel6', 'rhel7'] } as const;
const savevm = { ...later, since: '6.0', only: 'system' } as const;

/** Jobs that are no block jobs. */
export const imageCommands = {
  'blockdev-create': {
    ...later,
    job: { type: 'create', kind: 'plain' },
    change: { kind: 'creates image' },
    weight: 3,
  },
  'x-blockdev-amend': { ...later, job: { type: 'amend', kind: 'plain' }, weight: 1 },
  'snapshot-save': { ...savevm, job: { type: 'snapshot-save', kind: 'plain' } },
  'snapshot-load': { ...savevm, job: { type: 'snapshot-load', kind: 'plain' } },
  'snapshot-delete': { ...savevm, job: { type: 'snapshot-delete', kind: 'plain' } },
} as const satisfies Cards;
