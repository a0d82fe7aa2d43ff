import { verbAllowed } from '../../model/job-machine.ts';
import { cardOf, type VerbName } from '../../qemu/cards.ts';
import type { JsonObject } from '../../sequence/json-object.ts';
import type { QmpStep, Step } from '../../sequence/step.ts';
import type { Draw } from '../draw.ts';
import type { GuessedJob } from '../guesses.ts';
import { limits } from '../limits.ts';
import { jobReference, type Situation } from '../situation.ts';
import { drawJob, isSteady } from './candidates.ts';
import { command, offers, only } from './command.ts';
import { guest } from './guest.ts';
import { inCompany } from './in-company.ts';
import { lookAtJobs } from './query.ts';

/** Pause, resume or cancel, as the job's status lets expect it to be accepted. */
export function control(draw: Draw, situation: Situation): Step[] | undefined {
  const job = drawJob(draw, situation, ({ status }) => status !== 'concluded');
  if (!job || isTooBrief(draw, job)) return undefined;
  const paused = job.status === 'paused' || job.status === 'standby';
  const runs = job.status === 'running' || job.status === 'ready';
  const verb = draw.weighted<VerbName>([
    [runs ? 4 : 0, 'pause'],
    [paused ? 8 : 0, 'resume'],
    [job.ageSteps > 2 ? 2 : 0.7, 'cancel'],
  ]);
  const steps = verb && verbSteps(draw, situation, verb, job);
  if (!steps || verb === 'cancel') return steps;
  const isStanding = verb === 'pause' && job.status === 'ready';
  return [
    ...steps,
    ...(isStanding && draw.chance(0.4) ? writesInStandby(draw, situation) : []),
    ...lookAtJobs(draw, situation, verb === 'pause' ? 0.15 : 0.25),
  ];
}

/** What a guest writes while the mirror stands must still be owed by it afterwards, and queries must say so. */
const writesInStandby = (draw: Draw, situation: Situation): Step[] => {
  const writes = guest(draw, situation);
  return writes ? [...writes, ...lookAtJobs(draw, situation, 0.8)] : [];
};

export function setSpeed(draw: Draw, situation: Situation): Step[] | undefined {
  const job = drawJob(draw, situation, canTake(situation, 'set-speed'));
  if (!job || isTooBrief(draw, job)) return undefined;
  const steps = verbSteps(draw, situation, 'set-speed', job);
  const looks = draw.chance(0.2) ? [0.9, 0.9] : [];
  return steps && [...steps, ...looks.flatMap((chance) => lookAtJobs(draw, situation, chance))];
}

/** Verbs for a job that is about to end come too late as a rule: which is worth seeing, but not often. */
const isTooBrief = (draw: Draw, job: GuessedJob): boolean =>
  !isSteady(job) && !draw.chance(job.becomesReady ? 0.6 : 0.15);

/** From background to write-blocking: the only change that there is. */
export function change(draw: Draw, situation: Situation): Step[] | undefined {
  const job = drawJob(
    draw,
    situation,
    (each) => each.type === 'mirror' && canTake(situation, 'change')(each),
  );
  if (!job || !draw.chance(0.08)) return job && verbSteps(draw, situation, 'change', job);
  const type = draw.oneOf(otherTypes);
  return only(command(draw, situation, 'block-job-change', { id: jobReference(situation, job), type }));
}

/** Types that no change is known for (JobType of qapi/job.json). */
const otherTypes = [
  ...(['commit', 'stream', 'backup', 'create', 'amend'] as const),
  ...(['snapshot-load', 'snapshot-save', 'snapshot-delete'] as const),
] as const;

/** What is not READY yet is freed of its rate limit, and waited for. */
export function complete(draw: Draw, situation: Situation): Step[] | undefined {
  const { version } = situation.binary;
  const job = drawJob(
    draw,
    situation,
    ({ becomesReady, status, ending }) =>
      becomesReady &&
      (!ending || draw.chance(0.2)) &&
      (status === 'running' || verbAllowed('complete', status, version)),
  );
  if (!job) return undefined;
  const reference = jobReference(situation, job);
  const toReady: Step[] =
    job.status !== 'running'
      ? []
      : [
          ...(job.held ? (only(speedStep(draw, situation, reference, 0)) ?? []) : []),
          { await: 'READY', job: reference, deadlineMs: draw.oneOf(limits.shortDeadlineMs) },
        ];
  // A second verb right behind it is one that meets a job which still flushes.
  if (draw.chance(0.08)) return [...toReady, ...inCompany(draw, situation, job)];
  return [...toReady, ...(verbSteps(draw, situation, 'complete', job) ?? [])];
}

export function finalize(draw: Draw, situation: Situation): Step[] | undefined {
  const job = drawJob(draw, situation, endsIn('pending'));
  return job && untilThere(draw, situation, job, 'pending', 'finalize');
}

export function dismiss(draw: Draw, situation: Situation): Step[] | undefined {
  const job = drawJob(draw, situation, endsIn('concluded'));
  return job && untilThere(draw, situation, job, 'concluded', 'dismiss');
}

/** A verb in either spelling, with what it needs. */
export function verbSteps(
  draw: Draw,
  situation: Situation,
  verb: VerbName,
  job: GuessedJob,
): QmpStep[] | undefined {
  const reference = draw.chance(0.9) ? jobReference(situation, job) : job.id;
  if (verb === 'set-speed') return only(speedStep(draw, situation, reference, draw.oneOf(speeds)));
  if (verb === 'change')
    return only(
      command(draw, situation, 'block-job-change', {
        id: reference,
        type: 'mirror',
        'copy-mode': 'write-blocking',
      }),
    );
  const named = `job-${verb}`;
  if (draw.chance(0.5) && offers(situation, named))
    return only(command(draw, situation, named, { id: reference }));
  return only(command(draw, situation, `block-job-${verb}`, blockJobArguments(draw, verb, job, reference)));
}

const speeds = [0, 0, 1, 4096, 65_536, 2 ** 20, 2 ** 40] as const;

/** A paused job takes a cancel only by force; so does a job that is meant to end without its copy being whole. */
function blockJobArguments(draw: Draw, verb: VerbName, job: GuessedJob, reference: string): JsonObject {
  const { id = 'device', does } = cardOf(`block-job-${verb}`)?.verb ?? {};
  if (does !== 'cancels') return { [id]: reference };
  const paused = job.status === 'paused' || job.status === 'standby';
  return {
    device: reference,
    ...(paused || draw.chance(0.3) ? { force: true } : draw.sometimes(0.2, { force: false })),
  };
}

const speedStep = (draw: Draw, situation: Situation, device: string, speed: number): QmpStep | undefined =>
  command(draw, situation, 'block-job-set-speed', { device, speed });

const canTake =
  ({ binary }: Situation, verb: VerbName) =>
  ({ status }: GuessedJob): boolean =>
    verbAllowed(verb, status, binary.version);

/** Jobs that are in that status, or come there by themselves. */
const endsIn =
  (wanted: 'pending' | 'concluded') =>
  ({ status, held, becomesReady, ending, autoFinalize, autoDismiss }: GuessedJob): boolean => {
    if (status === wanted) return true;
    const runsOut = status === 'running' ? !held && !becomesReady : ending;
    return runsOut && (wanted === 'pending' ? !autoFinalize : autoFinalize && !autoDismiss);
  };

function untilThere(
  draw: Draw,
  situation: Situation,
  job: GuessedJob,
  status: 'pending' | 'concluded',
  verb: 'finalize' | 'dismiss',
): Step[] | undefined {
  const there: Step = {
    await: status,
    job: jobReference(situation, job),
    deadlineMs: draw.oneOf(limits.shortDeadlineMs),
  };
  const steps = verbSteps(draw, situation, verb, job);
  return steps && [there, ...steps];
}
