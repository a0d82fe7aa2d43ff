import type { JsonObject } from '../../../sequence/json-object.ts';
import type { Step } from '../../../sequence/step.ts';
import { oneOf } from '../../arenas/arena-maker.ts';
import { chain } from '../../arenas/chain.ts';
import { throttledPair } from '../../arenas/faulty.ts';
import { pair } from '../../arenas/pair.ts';
import type { Draw } from '../../draw.ts';
import type { GuessedJob, GuessedStatus } from '../../guesses.ts';
import { spellingsOfVerbs, uselessVerbs, verbArguments } from '../../job-verbs.ts';
import { limits } from '../../limits.ts';
import { command, only } from '../../steps/command.ts';
import { verbSteps } from '../../steps/control.ts';
import type { StepMaker } from '../../steps/families.ts';
import { startCommit } from '../../steps/start-commit.ts';
import { startMirror } from '../../steps/start-mirror.ts';
import { type Flow, type Part, send } from '../flow.ts';
import { filled, starters, startOne } from './start.ts';

/**
 * One job, brought to one status: it is shown so, takes no verb that is not for it, in either spelling, and is shown
 * the same afterwards, whether the machine runs or is stopped. A refusal costs a round trip, so that a sequence holds many.
 */
export const verbRound: Flow = {
  name: 'verb round',
  arena: filled(oneOf(pair(), pair({ guest: true }), chain({ depth: 2 }), throttledPair())),
  parts: (draw) => {
    const status = draw.oneOf(statuses);
    const stands = draw.chance(0.4);
    return [
      start(status),
      ...ways[status],
      ...(stands ? [send('stop')] : []),
      looks,
      changed,
      refusals,
      taken,
      sized,
      looks,
      ...(status === 'standby' && draw.chance(0.6) ? [verb('complete'), resumed] : [moved]),
      looks,
      ...(stands ? [send('cont')] : []),
      finished,
    ];
  },
};

type Wanted = Exclude<GuessedStatus, 'waiting'>;
const statuses: [Wanted, ...Wanted[]] = [
  'running',
  'paused',
  'ready',
  'standby',
  'standby',
  'pending',
  'concluded',
];

const start =
  (status: Wanted): Part =>
  (draw, situation) =>
    startOne(draw, situation, options(status), becomesReady.has(status) ? copiers : starters);

const options =
  (status: Wanted) =>
  (inner: Draw, name: string): JsonObject => ({
    ...(status === 'running' || status === 'paused'
      ? {
          speed: inner.oneOf(limits.slowSpeeds),
          ...(name.endsWith('mirror') ? { 'buf-size': inner.oneOf(limits.slowBufBytes) } : {}),
        }
      : { speed: inner.oneOf([0, 2 ** 30, 2 ** 40]) }),
    'auto-finalize': status !== 'pending' && inner.chance(0.7),
    'auto-dismiss': status !== 'concluded' && inner.chance(0.7),
  });

/** No other job is ever in these. */
const becomesReady: ReadonlySet<Wanted> = new Set(['ready', 'standby']);
const copiers: [StepMaker, ...StepMaker[]] = [startMirror, startMirror, startCommit];

const until =
  (what: 'READY' | 'paused' | 'standby' | 'pending' | 'concluded'): Part =>
  (_, { jobs: [job] }) => {
    if (!job || (what === 'READY' && !job.becomesReady)) return undefined;
    return [{ await: what, job: job.id, deadlineMs: limits.finishMirrorDeadlineMs }];
  };

const verb =
  (name: 'pause' | 'complete'): Part =>
  (draw, situation) => {
    const [job] = situation.jobs;
    return job && (name !== 'complete' || job.becomesReady)
      ? verbSteps(draw, situation, name, job)
      : undefined;
  };

const ways: Record<Wanted, readonly Part[]> = {
  running: [],
  paused: [verb('pause'), until('paused')],
  ready: [until('READY')],
  standby: [until('READY'), verb('pause'), until('standby')],
  pending: [until('READY'), verb('complete'), until('pending')],
  concluded: [until('READY'), verb('complete'), until('concluded')],
};

const looks: Part = (draw, situation) =>
  ['query-block-jobs', 'query-jobs'].flatMap((name) => only(command(draw, situation, name)) ?? []);

/** Every spelling of every verb that the status refuses, in some order. */
const refusals: Part = (draw, situation) => {
  const [job] = situation.jobs;
  if (!job) return undefined;
  const useless = new Set<string>(uselessVerbs(situation, job.status));
  return shuffled(
    draw,
    spellingsOfVerbs.filter(({ verb: { name } }) => useless.has(name)),
  ).flatMap(
    (spelling) => only(command(draw, situation, spelling.command, verbArguments(spelling, job.id))) ?? [],
  );
};

/** Its id is its own until it is dismissed, though a job that has concluded holds no node any more. */
const taken: Part = (draw, situation) => {
  const [job] = situation.jobs;
  const others = { ...situation, jobs: [] };
  return job && startOne(draw, others, () => ({ 'job-id': job.id, speed: 0, 'auto-finalize': true }));
};

/** A mirror can become write-blocking; there is no way back, and nothing for the others. */
const changed: Part = (draw, situation) => {
  const [job] = situation.jobs;
  if (!job || job.status === 'concluded') return undefined;
  const modes = ['write-blocking', 'background'] as const;
  return (job.type === 'mirror' ? modes : [draw.oneOf(modes)]).flatMap(
    (mode) =>
      only(command(draw, situation, 'block-job-change', { id: job.id, type: 'mirror', 'copy-mode': mode })) ??
      [],
  );
};

/** Taken in all statuses in which the job lives, and refused in the others; no number below 0 is taken in any. */
const sized: Part = (draw, situation) => {
  const [job] = situation.jobs;
  if (!job) return undefined;
  const speeds = [draw.oneOf([-1, -4096]), draw.oneOf([1, 2 ** 20, 2 ** 40])];
  return shuffled(draw, speeds).flatMap(
    (speed) => only(command(draw, situation, 'block-job-set-speed', { device: job.id, speed })) ?? [],
  );
};

/** On from there by the verb that is for it. */
const moved: Part = (draw, situation) => {
  const [job] = situation.jobs;
  const next = job && nextVerb(draw, job);
  return job && next && verbSteps(draw, situation, next, job);
};

/** It was asked to end while it stood: now it does. */
const resumed: Part = (draw, situation) => {
  const [job] = situation.jobs;
  return job && verbSteps(draw, situation, 'resume', job);
};

function nextVerb(draw: Draw, { status }: GuessedJob) {
  switch (status) {
    case 'running':
      return draw.oneOf(['pause', 'cancel'] as const);
    case 'paused':
    case 'standby':
      return draw.oneOf(['resume', 'resume', 'cancel'] as const);
    case 'ready':
      return draw.oneOf(['pause', 'complete', 'cancel'] as const);
    case 'waiting':
    case 'pending':
      return draw.oneOf(['finalize', 'finalize', 'cancel'] as const);
    case 'concluded':
      return 'dismiss';
    default:
      return status satisfies never;
  }
}

const finished: Part = (draw, situation) => {
  const [job] = situation.jobs;
  const unheld: Step[] =
    job?.held && job.status !== 'concluded'
      ? (only(command(draw, situation, 'block-job-set-speed', { device: job.id, speed: 0 })) ?? [])
      : [];
  return job && [...unheld, { await: 'gone', job: job.id, deadlineMs: draw.oneOf(limits.shortDeadlineMs) }];
};

function shuffled<T>(draw: Draw, items: readonly T[]): T[] {
  const left = [...items];
  return items.flatMap(() => left.splice(draw.int(0, left.length - 1), 1));
}
