import { errorsOf, type Step } from '../../sequence/step.ts';
import { limitedArguments, type Side, sideOf, withNumber } from '../edge-numbers.ts';
import type { GuessedJob } from '../guesses.ts';
import { isSlow } from '../situation.ts';
import { knownMembers } from '../steps/command.ts';
import {
  type Drawn,
  type Feature,
  hasCommand,
  hasVerb,
  isCommand,
  isGuest,
  type Moment,
  type Needs,
  onlyWhere,
  someStep,
  verbOf,
} from './feature.ts';

const errorsIn = (step: Step) => ('fault' in step && step.fault === 'inject' ? errorsOf(step) : []);

const verbs = ['pause', 'resume', 'cancel', 'complete', 'set-speed', 'change', 'finalize', 'dismiss'];

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

/** One of the commands with that argument takes it, members of members included. */
const takesNumber =
  (path: string): Needs =>
  ({ schema }) =>
    (limitedArguments.get(path) ?? []).some((command) => {
      const info = schema.commands.get(command);
      const given = withNumber({}, path, 1);
      return info && JSON.stringify(knownMembers(schema, given, info.args)) === JSON.stringify(given);
    });

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
  ...onlyWhere(
    hasCommand('blockdev-reopen'),
    someStep('the nth request fails', ({ step }) => errorsIn(step).some(({ nth }) => nth !== undefined)),
  ),
  ...[...limitedArguments.keys()].flatMap((path) =>
    onlyWhere(takesNumber(path), edge(path, 'inside'), edge(path, 'outside')),
  ),
  ...(['limit', 'throttle', 'clean bitmap'] as const).flatMap((why) =>
    verbs
      .filter((name) => why !== 'clean bitmap' || name !== 'resume')
      .flatMap((name) => onlyWhere(hasVerb(name), verbWhile(why, name))),
  ),
  ...verbs.flatMap((name) =>
    onlyWhere(
      (binary) => hasVerb(name)(binary) && hasCommand('stop')(binary),
      someStep(`${name} of a job while the machine is stopped`, (moment) => {
        return verbOf(moment)?.verb.name === name && isStopped(moment.before);
      }),
    ),
  ),
  ...verbs.flatMap((name) =>
    onlyWhere(
      hasVerb(name),
      someStep(`${name} of a job while something drains`, (moment) => {
        const before = moment.before.at(-1);
        const drains = before && isCommand(before, 'transaction') && before.wait === false;
        return verbOf(moment)?.verb.name === name && drains === true;
      }),
    ),
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
