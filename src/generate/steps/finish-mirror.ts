import type { Step } from '../../sequence/step.ts';
import type { Draw } from '../draw.ts';
import type { GuessedJob } from '../guesses.ts';
import { limits } from '../limits.ts';
import { jobReference, type Situation } from '../situation.ts';
import { command, only } from './command.ts';
import { verbSteps } from './control.ts';
import { guest } from './guest.ts';

/**
 * A mirror is seen through to its end: what held it up is taken away, it is READY, the guest goes on, and then it ends,
 * one way or the other. Most promises about content fall due only there.
 */
export function finishMirror(draw: Draw, situation: Situation): Step[] | undefined {
  const job = draw.anyOf(
    situation.jobs.filter(
      ({ becomesReady, status, ending }) => becomesReady && !ending && !isEnding.has(status),
    ),
  );
  if (!job) return undefined;
  const reference = jobReference(situation, job);
  // A slow target still has writes of the guest to come when the job is asked to end.
  const slow = draw.anyOf(situation.throttled.filter(() => draw.chance(0.5)));
  const work = (): Step[] => (draw.chance(0.8) ? (guest(draw, situation) ?? []) : []);
  return [
    ...freed(draw, situation, job, reference, slow),
    { await: 'READY', job: reference, deadlineMs: limits.finishMirrorDeadlineMs },
    ...work(),
    ...work(),
    ...(draw.chance(0.4) ? [{ await: 'guest' as const, deadlineMs: limits.finishMirrorDeadlineMs }] : []),
    ...ending(draw, situation, job, reference),
    ...(slow === undefined ? [] : [{ fault: 'unthrottle' as const, disk: slow }]),
    { await: 'gone', job: reference, deadlineMs: limits.finishMirrorDeadlineMs },
    ...(draw.chance(0.4) ? work() : []),
  ];
}

const isEnding: ReadonlySet<GuessedJob['status']> = new Set(['waiting', 'pending', 'concluded']);

/** Errors lifted, limits off, pauses over. */
function freed(
  draw: Draw,
  situation: Situation,
  job: GuessedJob,
  reference: string,
  slow: string | undefined,
): Step[] {
  const { faulty, throttled } = situation;
  const isStopped =
    job.status === 'paused' || job.status === 'standby' || (job.stopsAtErrors && faulty.length > 0);
  return [
    ...faulty.map((disk): Step => ({ fault: 'lift', disk })),
    ...throttled.filter((disk) => disk !== slow).map((disk): Step => ({ fault: 'unthrottle', disk })),
    ...(job.held
      ? (only(command(draw, situation, 'block-job-set-speed', { device: reference, speed: 0 })) ?? [])
      : []),
    ...(isStopped ? (verbSteps(draw, situation, 'resume', job) ?? []) : []),
  ];
}

function ending(draw: Draw, situation: Situation, job: GuessedJob, reference: string): Step[] {
  const cancel = (args: { force?: true }): Step[] =>
    only(command(draw, situation, 'block-job-cancel', { device: reference, ...args })) ?? [];
  const complete = (): Step[] => verbSteps(draw, situation, 'complete', job) ?? [];
  const soft = (): Step[] => cancel({});
  const force = (): Step[] => cancel({ force: true });
  const quit = (): Step[] => only(command(draw, situation, 'quit')) ?? [];
  return draw.oneOf([complete, complete, soft, soft, soft, force, quit])();
}
