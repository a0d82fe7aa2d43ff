import type { Step } from '../../sequence/step.ts';
import type { Draw } from '../draw.ts';
import type { GuessedJob } from '../guesses.ts';
import { limits } from '../limits.ts';
import { jobReference, type Situation } from '../situation.ts';
import { drawJob } from './candidates.ts';
import { lookAtJobs } from './query.ts';

/** Time for what is on its way: a job that comes to READY or to its end, replies, or just some milliseconds. */
export function waiting(draw: Draw, situation: Situation): Step[] | undefined {
  if (situation.suspended) return undefined;
  const deadlineMs = draw.oneOf(limits.shortDeadlineMs);
  const job = drawJob(
    draw,
    situation,
    ({ status, held, ending }) => ending || (status === 'running' && !held),
  );
  if (job && draw.chance(0.8)) {
    const about = { job: jobReference(situation, job), deadlineMs };
    const comes = whatComes(job);
    return [{ await: comes, ...about }, ...(comes === 'concluded' ? lookAtJobs(draw, situation, 0.4) : [])];
  }
  if (situation.jobs.some(({ announced }) => !announced)) return [{ await: 'reply', deadlineMs }];
  return draw.chance(0.3) ? [{ pause: draw.int(0, 5) }] : undefined;
}

/** Where a job that nothing holds gets to by itself. */
function whatComes({
  becomesReady,
  ending,
  autoFinalize,
  autoDismiss,
}: GuessedJob): 'READY' | 'pending' | 'concluded' | 'gone' {
  if (becomesReady && !ending) return 'READY';
  if (!autoFinalize) return 'pending';
  return autoDismiss ? 'gone' : 'concluded';
}
