import { errorsOf, type Step } from '../../sequence/step.ts';
import { type Drawn, type Feature, isGuest, type Moment, someStep, verbOf } from './feature.ts';

const errorsIn = (step: Step) => ('fault' in step && step.fault === 'inject' ? errorsOf(step) : []);

/** The job stands still in the middle of its work, since a limit of its own or of a node holds it. */
const sleepsBy = {
  limit: ({ now }: Moment, id: string) =>
    now.jobs.some((job) => job.id === id && job.held && job.status === 'running'),
  throttle: ({ now }: Moment, id: string) =>
    now.jobs.some(
      (job) => job.id === id && now.throttled.some((disk) => disk === job.source || disk === job.target),
    ),
} as const;

const verbWhile = (why: keyof typeof sleepsBy, name: string): Feature =>
  someStep(`${name} of a job that sleeps on a ${why}`, (moment) => {
    const found = verbOf(moment);
    return found?.verb.name === name && sleepsBy[why](moment, found.job.id);
  });

/** How many requests of guests nobody has waited for before that step. */
export function inFlightAt({ moments }: Drawn, at: number): number {
  const before = moments.slice(0, at).map(({ step }) => step);
  const last = before.findLastIndex((step) => 'await' in step && step.await === 'guest');
  return before.slice(last + 1).filter((step) => isGuest(step) && step.wait === false).length;
}

/** Small draws: numbers at their limits, errors by count, verbs for who sleeps, requests in company. */
export const numbers: readonly Feature[] = [
  someStep('the nth request fails', ({ step }) => errorsIn(step).some(({ nth }) => nth !== undefined)),
  ...(['limit', 'throttle'] as const).flatMap((why) =>
    ['pause', 'resume', 'cancel', 'complete', 'set-speed', 'change'].map((name) => verbWhile(why, name)),
  ),
  ...(['pause', 'cancel'] as const).map((name) => ({
    name: `${name} with several requests in flight`,
    holds: (drawn: Drawn) =>
      drawn.moments.some((moment) => verbOf(moment)?.verb.name === name && inFlightAt(drawn, moment.at) > 1),
  })),
  {
    name: 'several requests in flight on a failing disk',
    holds: (drawn) => drawn.moments.some(({ at, now }) => now.faulty.length > 0 && inFlightAt(drawn, at) > 1),
  },
];
