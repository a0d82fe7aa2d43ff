import { cardOf } from '../../../qemu/cards.ts';
import type { GuessedStatus } from '../../guesses.ts';
import { jobReference } from '../../situation.ts';
import type { Mutation } from '../draft.ts';

/** The right verb on a job that is believed to be in a state which has no use for it. */
export const wrongState: Mutation = {
  weight: 8,
  apply(draw, _draft, { situation }) {
    const job = draw.anyOf(situation.jobs);
    if (!job) return undefined;
    const verb = draw.anyOf(uselessVerbs[job.status]) ?? 'dismiss';
    const id = jobReference(situation, job);
    if (verb === 'set-speed') return { command: 'block-job-set-speed', args: { device: id, speed: 0 } };
    if (draw.chance(0.5)) return { command: `job-${verb}`, args: { id } };
    const command = `block-job-${verb}`;
    return { command, args: { [cardOf(command)?.verb?.id ?? 'device']: id } };
  },
};

/** The verbs that JobVerbTable (job.c) has a 0 for in that column, and `resume` where nobody has paused. */
const uselessVerbs: Readonly<Record<GuessedStatus, readonly string[]>> = {
  running: ['complete', 'finalize', 'dismiss', 'resume'],
  paused: ['complete', 'finalize', 'dismiss', 'pause'],
  ready: ['finalize', 'dismiss', 'resume'],
  standby: ['finalize', 'dismiss', 'pause'],
  waiting: ['pause', 'resume', 'complete', 'finalize', 'dismiss', 'set-speed'],
  pending: ['pause', 'resume', 'complete', 'dismiss', 'set-speed'],
  concluded: ['cancel', 'pause', 'resume', 'complete', 'finalize', 'set-speed'],
};
