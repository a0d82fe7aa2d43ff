import type { FaultStep, Step } from '../../../sequence/step.ts';
import { oneOf } from '../../arenas/arena-maker.ts';
import { chain } from '../../arenas/chain.ts';
import { faultyPair } from '../../arenas/faulty.ts';
import { pair } from '../../arenas/pair.ts';
import type { Draw } from '../../draw.ts';
import type { GuessedJob } from '../../guesses.ts';
import { limits } from '../../limits.ts';
import type { Situation } from '../../situation.ts';
import { command, offers, only } from '../../steps/command.ts';
import { verbSteps } from '../../steps/control.ts';
import type { Flow, Part } from '../flow.ts';
import { filled, startOne } from './start.ts';

const guest = true;

/**
 * One error, on one side, and policies of which the other side's says something else; then it is gone, the job goes on,
 * and nothing is lost. Short: what a policy does wrong shows where nothing else is the matter.
 */
export const errorRound: Flow = {
  name: 'error round',
  arena: filled((draw, binary) =>
    (binary.schema.commands.has('blockdev-reopen')
      ? oneOf(pair({ guest }), chain({ depth: 2, guest }))
      : oneOf(faultyPair({ guest }), chain({ depth: 2, guest })))(draw, binary),
  ),
  parts: (draw) => {
    const failing = draw.oneOf(policies);
    const other = draw.anyOf(policies.filter((each) => each !== failing));
    const [onSource, onTarget] = draw.chance(0.5) ? [failing, other] : [other, failing];
    return [arm(draw.chance(0.7)), started(onSource, onTarget), seen, mended, wentOn];
  },
};

/** Half of all users give none, and have report. `ignore` is rare: of an error that lasts it makes a loop. */
const policies: [Policy, ...Policy[]] = [undefined, undefined, 'stop', 'stop', 'enospc', 'report', 'ignore'];
type Policy = 'stop' | 'report' | 'ignore' | 'enospc' | undefined;

const started =
  (onSource: Policy, onTarget: Policy): Part =>
  (draw, situation) =>
    startOne(draw, situation, (_, name) => {
      const isOne = name === 'block-commit' || name === 'block-stream';
      const one = onSource ?? onTarget;
      return {
        ...(isOne
          ? { ...(one === undefined ? {} : { 'on-error': one }) }
          : {
              ...(onSource === undefined ? {} : { 'on-source-error': onSource }),
              ...(onTarget === undefined ? {} : { 'on-target-error': onTarget }),
            }),
        ...draw.sometimes(0.5, { 'auto-dismiss': false }),
      };
    });

/** Where the arena's disks fail from the start (5.2), nothing is to be armed. */
const arm =
  (once: boolean): Part =>
  (draw, situation) => {
    if (!offers(situation, 'blockdev-reopen') || situation.faulty.length > 0) return undefined;
    const disk = draw.anyOf(
      situation.arena.disks.filter(({ open, sizeBytes }) => open !== false && sizeBytes > 0),
    );
    return disk && [error(draw, disk.name, disk.fill !== undefined && disk.name !== 'dst', once)];
  };

function error(draw: Draw, disk: string, isRead: boolean, once: boolean): FaultStep {
  const errno = draw.oneOf(['EIO', 'ENOSPC'] as const);
  const how = once ? { once: true as const, ...(draw.chance(0.4) ? { nth: draw.int(1, 4) } : {}) } : {};
  if (isRead && draw.chance(0.8)) return { fault: 'inject', disk, iotype: 'read', errno, ...how };
  const iotype = draw.oneOf(['write', 'write', 'write-zeroes', 'flush'] as const);
  return { fault: 'inject', disk, iotype, errno, ...how };
}

/** The job stands, or it has ended; either way it is looked at. */
const seen: Part = (draw, situation) => {
  const [job] = situation.jobs;
  const deadlineMs = draw.oneOf(limits.shortDeadlineMs);
  return [
    ...(job ? ([{ await: whatShows(job), job: job.id, deadlineMs }] as const) : []),
    ...(only(command(draw, situation, 'query-block-jobs')) ?? []),
    ...(draw.chance(0.5) ? (only(command(draw, situation, 'query-jobs')) ?? []) : []),
  ];
};

const whatShows = ({ stopsAtErrors, becomesReady, autoDismiss }: GuessedJob) =>
  stopsAtErrors ? 'paused' : becomesReady ? 'READY' : autoDismiss ? 'gone' : 'concluded';

const mended: Part = (draw, situation) => {
  const lifted = situation.faulty.map((disk): Step => ({ fault: 'lift', disk }));
  const [job] = situation.jobs;
  return [...lifted, ...(job ? (verbSteps(draw, situation, 'resume', job) ?? []) : [])];
};

const wentOn: Part = (draw, situation) => {
  const [job] = situation.jobs;
  if (!job || job.endless) return undefined;
  const about = { job: job.id, deadlineMs: limits.finishMirrorDeadlineMs };
  return [...ended(draw, situation, job, about), ...(only(command(draw, situation, 'query-jobs')) ?? [])];
};

function ended(
  draw: Draw,
  situation: Situation,
  job: GuessedJob,
  about: { job: string; deadlineMs: number },
): Step[] {
  const end: Step = { await: job.autoDismiss ? 'gone' : 'concluded', ...about };
  if (!job.becomesReady) return [end];
  return [{ await: 'READY', ...about }, ...(verbSteps(draw, situation, 'complete', job) ?? []), end];
}
