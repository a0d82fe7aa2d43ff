import type { VerbName } from '../../qemu/cards.ts';
import type { Step } from '../../sequence/step.ts';
import type { Draw } from '../draw.ts';
import type { GuessedJob } from '../guesses.ts';
import { verbNames } from '../job-verbs.ts';
import { isSlow, jobReference, type Situation } from '../situation.ts';
import { drawJob } from './candidates.ts';
import { command, offers, only } from './command.ts';
import { verbSteps } from './control.ts';
import { guest } from './guest.ts';
import { inCompany } from './in-company.ts';
import { lookAtJobs } from './query.ts';

/**
 * Any verb, sensible or not, for a job that sleeps or stands: on its limit, on a throttle, between two looks at what is
 * dirty, while the machine is stopped, while something else drains it, with requests in flight.
 */
export function sleepers(draw: Draw, situation: Situation): Step[] | undefined {
  if (situation.suspended) return undefined;
  const job = drawJob(
    draw,
    situation,
    ({ status, held }) => held || status === 'ready' || status === 'standby',
  );
  if (!job) return undefined;
  const changes = job.type === 'mirror' && offers(situation, 'block-job-change') && !job.writeBlocking;
  const name = (): VerbName => (changes && draw.chance(0.35) ? 'change' : (draw.anyOf(verbNames) ?? 'pause'));
  const verb = (): Step[] => verbSteps(draw, situation, name(), job) ?? [];
  if (job.status === 'ready' && isSlow(situation, job) && draw.chance(0.7))
    return withOneInFlight(draw, situation, job, verb);
  const sleep = draw.weighted<Sleep>([
    [isSlow(situation, job) ? 3 : 1, verbsInARow],
    [1.5, inCompany],
    [offers(situation, 'stop') ? 3 : 0, whileStopped],
    [2.5, whileDrained],
  ]);
  return sleep?.(draw, situation, job, verb);
}

type Sleep = (draw: Draw, situation: Situation, job: GuessedJob, verb: () => Step[]) => Step[] | undefined;

/** It sleeps on as it is, and takes what comes. */
const verbsInARow: Sleep = (draw, situation, job, verb) => [
  ...verb(),
  ...(draw.chance(isSlow(situation, job) ? 0.9 : 0.6) ? verb() : []),
  ...lookAtJobs(draw, situation, 0.3),
];

/** A machine without a guest is stopped, too: everything is drained and flushed, and jobs go on. */
const whileStopped: Sleep = (draw, situation, _job, verb) => {
  const stop = only(command(draw, situation, 'stop'));
  const verbs = [verb(), verb(), ...(draw.chance(0.6) ? [verb()] : [])].flat();
  return stop && [...stop, ...verbs, { qmp: 'cont' }];
};

/** What drains all nodes comes first, mostly twice, and nobody waits for it. */
const whileDrained: Sleep = (draw, situation, _job, verb) => {
  const drained = (): Step[] => {
    const actions = draw.oneOf([[], [{ type: 'abort', data: {} }]]);
    return [...(only(command(draw, situation, 'transaction', { actions })) ?? []), ...verb()];
  };
  const steps = [...drained(), ...(draw.chance(0.7) ? drained() : [])];
  return [...steps.map(unawaited), { await: 'reply', deadlineMs: 50 }];
};

const unawaited = (step: Step): Step => ('qmp' in step ? { ...step, wait: false } : step);

/** All that is dirty is on its way to a slow target, when the verb comes. */
const withOneInFlight: Sleep = (draw, situation, job, verb) => {
  const [write] = (guest(draw, situation) ?? []).filter((step) => 'guest' in step);
  if (!write) return undefined;
  const reference = jobReference(situation, job);
  const end = (): Step[] => only(command(draw, situation, 'block-job-cancel', { device: reference })) ?? [];
  const verbs = draw.weighted<() => Step[]>([
    [3, end],
    [5, () => inCompany(draw, situation, job)],
    [6, () => [...verb(), ...verb()]],
  ]);
  return [{ ...write, wait: false }, { pause: draw.int(0, 3) }, ...(verbs?.() ?? [])];
};
