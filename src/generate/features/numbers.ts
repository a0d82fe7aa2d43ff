import { errorsOf, type Step } from '../../sequence/step.ts';
import { limitedArguments, type Side, sideOf } from '../edge-numbers.ts';
import type { GuessedJob } from '../guesses.ts';
import { isSlow } from '../situation.ts';
import { type Drawn, type Feature, isCommand, isGuest, type Moment, someStep, verbOf } from './feature.ts';

const errorsIn = (step: Step) => ('fault' in step && step.fault === 'inject' ? errorsOf(step) : []);

/** The job stands still in the middle of its work, since a limit of its own or of a node holds it. */
const sleepsOn = {
  limit: ({ held }: GuessedJob) => held,
  throttle: (job: GuessedJob, { now }: Moment) => isSlow(now, job),
  'clean bitmap': ({ status, ending }: GuessedJob) => status === 'ready' && !ending,
} as const;

const verbWhile = (why: keyof typeof sleepsOn, name: string): Feature =>
  someStep(`${name} of a job that sleeps on a ${why}`, (moment) => {
    const found = verbOf(moment);
    return found?.verb.name === name && sleepsOn[why](found.job, moment);
  });

const isStopped = (steps: readonly Step[]): boolean => {
  const last = steps.findLast((step) => isCommand(step, 'stop') || isCommand(step, 'cont'));
  return last !== undefined && isCommand(last, 'stop');
};

/** An argument at the edge of its documented limits. */
const edge = (path: string, side: Side): Feature =>
  someStep(
    `${path} at its limit, ${side}`,
    ({ step }) => 'qmp' in step && sideOf(step.qmp, step.args ?? {}, path) === side,
  );

/** How many requests of guests nobody has waited for before that step. */
export function inFlightAt({ moments }: Drawn, at: number): number {
  const before = moments.slice(0, at).map(({ step }) => step);
  const last = before.findLastIndex((step) => 'await' in step && step.await === 'guest');
  return before.slice(last + 1).filter((step) => isGuest(step) && step.wait === false).length;
}

/** Small draws: numbers at their limits, errors by count, verbs for who sleeps, requests in company. */
export const numbers: readonly Feature[] = [
  someStep('the nth request fails', ({ step }) => errorsIn(step).some(({ nth }) => nth !== undefined)),
  ...[...limitedArguments.keys()].flatMap((path) => [edge(path, 'inside'), edge(path, 'outside')]),
  ...(['limit', 'throttle', 'clean bitmap'] as const).flatMap((why) =>
    ['pause', 'resume', 'cancel', 'complete', 'set-speed', 'change']
      .filter((name) => why !== 'clean bitmap' || name !== 'resume')
      .map((name) => verbWhile(why, name)),
  ),
  {
    name: 'a verb while the machine is stopped',
    holds: ({ moments, sequence: { steps } }) =>
      moments.some((moment) => verbOf(moment) && isStopped(steps.slice(0, moment.at))),
  },
  {
    name: 'a verb while something drains',
    holds: ({ moments }) =>
      moments.some((moment) => {
        const before = moments[moment.at - 1]?.step;
        return verbOf(moment) && before && isCommand(before, 'transaction') && before.wait === false;
      }),
  },
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
