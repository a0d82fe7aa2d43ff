import type { Inject } from '../../../sequence/arena.ts';
import type { JsonObject } from '../../../sequence/json-object.ts';
import type { Step } from '../../../sequence/step.ts';
import { oneOf } from '../../arenas/arena-maker.ts';
import { chain } from '../../arenas/chain.ts';
import { pair } from '../../arenas/pair.ts';
import { guestWorkload } from '../../guest-workload.ts';
import { limits } from '../../limits.ts';
import { command, offers, only } from '../../steps/command.ts';
import { verbSteps } from '../../steps/control.ts';
import type { StepMaker } from '../../steps/families.ts';
import { canInject } from '../../steps/faults.ts';
import { startCommit } from '../../steps/start-commit.ts';
import { startMirror } from '../../steps/start-mirror.ts';
import type { Flow, Part } from '../flow.ts';
import { readyJob, untilJobReady, writableDisk } from './ready-job.ts';
import { filled, startOne } from './start.ts';

const guest = true;

/**
 * An error after READY: of what the guest writes to source and target at once, of what is copied behind it, of the flush
 * that ends the job. Then it is gone, the job goes on where its policy says so, and the copy holds all of it.
 */
export const lateErrorRound: Flow = {
  name: 'late error round',
  suits: (binary) => offers({ binary }, 'blockdev-reopen'),
  arena: filled(oneOf(pair({ guest }), pair({ guest }), chain({ depth: 2, guest }))),
  parts: (draw) => {
    const iotype = draw.oneOf(['write', 'write', 'write-zeroes', 'discard', 'flush', 'read'] as const);
    const isBlocking = draw.chance(0.6);
    const endsFailing = draw.chance(iotype === 'flush' ? 0.7 : 0.2);
    return [
      started(draw.oneOf(policies), isBlocking),
      untilJobReady,
      arm(iotype),
      asked,
      ...(endsFailing ? [ends] : []),
      looks,
      mended,
      asked,
      untilJobReady,
      ...(endsFailing ? [] : [ends]),
      gone,
    ];
  },
};

const policies: [Policy, ...Policy[]] = [undefined, undefined, 'stop', 'stop', 'enospc', 'report', 'ignore'];
type Policy = 'stop' | 'report' | 'ignore' | 'enospc' | undefined;

const becomeReady: [StepMaker, ...StepMaker[]] = [startMirror, startMirror, startMirror, startCommit];

const started =
  (policy: Policy, isBlocking: boolean): Part =>
  (draw, situation) =>
    startOne(
      draw,
      situation,
      (inner, name) =>
        name === 'block-commit'
          ? onErrors(policy, 'on-error')
          : {
              ...onErrors(policy, 'on-source-error', 'on-target-error'),
              ...(isBlocking ? { 'copy-mode': 'write-blocking' } : {}),
              ...inner.sometimes(0.6, { granularity: inner.oneOf([512, 4096, 65_536, 2 ** 20]) }),
            },
      becomeReady,
    );

const onErrors = (policy: Policy, ...members: readonly string[]): JsonObject =>
  policy === undefined ? {} : Object.fromEntries(members.map((member) => [member, policy]));

/** Reads fail at the source, all else at the target. `ignore` of an error that lasts is a loop, so that most come once. */
const arm =
  (iotype: NonNullable<Inject['iotype']>): Part =>
  (draw, situation) => {
    const job = readyJob(situation);
    const disk = iotype === 'read' ? job?.source : job?.target;
    if (disk === undefined || !canInject(situation, disk)) return undefined;
    const errno = draw.oneOf(['EIO', 'ENOSPC', 'EPERM'] as const);
    return [{ fault: 'inject', disk, iotype, errno, ...(draw.chance(0.8) ? { once: true as const } : {}) }];
  };

const asked: Part = (draw, situation) => {
  const disk = writableDisk(situation);
  if (!disk) return undefined;
  const where = { disk: disk.name, sizeBytes: disk.sizeBytes, requests: draw.int(1, 3) };
  const kind = draw.oneOf(['whole-clusters', 'unaligned', 'one-sector', 'multi-cluster', 'tail'] as const);
  return guestWorkload(draw, kind, where);
};

const ends: Part = (draw, situation) => {
  const job = readyJob(situation);
  return job && verbSteps(draw, situation, draw.oneOf(['complete', 'complete', 'cancel']), job);
};

const looks: Part = (draw, situation) => only(command(draw, situation, 'query-block-jobs'));

const mended: Part = (draw, situation) => {
  const lifted = situation.faulty.map((disk): Step => ({ fault: 'lift', disk }));
  const [job] = situation.jobs;
  return [...lifted, ...(job?.stopsAtErrors ? (verbSteps(draw, situation, 'resume', job) ?? []) : [])];
};

const gone: Part = (_, { jobs: [job] }) =>
  job && [{ await: 'gone', job: job.id, deadlineMs: limits.finishMirrorDeadlineMs }];
