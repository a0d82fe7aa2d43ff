import { type Cards, live } from '../card.ts';

export const setSpeedCommands = {
  'block-job-set-speed': {
    oldNames: { rhel6: 'block_job_set_speed' },
    limits: { speed: { least: 0 } },
    verb: {
      name: 'set-speed',
      takenIn: live,
      does: 'sets speed',
      spelling: 'block-job',
      id: 'device',
      takes: { speed: 'integer' },
      needs: 'speed',
    },
    weight: 4,
  },
} as const satisfies Cards;
