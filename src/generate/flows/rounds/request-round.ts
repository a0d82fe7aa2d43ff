import type { GuestStep, Step } from '../../../sequence/step.ts';
import { oneOf } from '../../arenas/arena-maker.ts';
import { chain } from '../../arenas/chain.ts';
import { throttledPair } from '../../arenas/faulty.ts';
import { pair } from '../../arenas/pair.ts';
import { guestWorkload, type WorkloadKind } from '../../guest-workload.ts';
import { limits } from '../../limits.ts';
import { deviceArgument, drawJobId } from '../../steps/candidates.ts';
import { command, only } from '../../steps/command.ts';
import { verbSteps } from '../../steps/control.ts';
import { removalInUse } from '../../steps/exports.ts';
import type { StepMaker } from '../../steps/families.ts';
import { startBackup } from '../../steps/start-backup.ts';
import { newFile } from '../../steps/start-mirror.ts';
import { type Flow, type Part, send } from '../flow.ts';
import { readyJob, untilJobReady, writableDisk } from './ready-job.ts';
import { filled, starters, startOne } from './start.ts';

const guest = true;

/**
 * One manner of request, in one phase of one job, and then the job ends: what it should have copied is in its copy, and
 * what came after its moment is not. Short, so that each pair of request and job comes early. Some are backups by a bitmap,
 * whose count shows in the end what they have made of it; it is theirs meanwhile.
 */
export const requestRound: Flow = {
  name: 'request round',
  arena: filled(
    oneOf(
      pair({ guest }),
      pair({ guest }),
      chain({ depth: 2, guest }),
      chain({ depth: 3, guest }),
      throttledPair({ guest }),
    ),
  ),
  parts: (draw) => {
    const isHeld = draw.chance(0.5);
    const inStandby = draw.chance(0.2);
    const isHeldAgain = !inStandby && draw.chance(0.5);
    const only = draw.oneOf(requests);
    const kind = draw.oneOf(kinds);
    const byBitmap = draw.chance(0.25);
    return [
      ...(byBitmap ? [send('block-dirty-bitmap-add', { node: 'src', name: bitmap }), asked(kind, only)] : []),
      start(isHeld, byBitmap ? [startBackup] : [...starters, ...starters, shallowMirror]),
      ...(isHeld ? [asked(kind, only), ...(byBitmap ? [bitmapInUse] : []), letGo] : []),
      untilJobReady,
      ...(inStandby ? [stood('pause')] : []),
      ...(isHeldAgain ? [heldReady, asked(kind, only)] : []),
      asked(kind, only),
      ...(inStandby ? [stood('resume')] : []),
      ...(draw.chance(0.3) ? [removalInUse] : []),
      ended(isHeldAgain),
    ];
  },
};

type Request = 'write' | 'zero' | 'discard';
const requests: [Request, ...Request[]] = ['write', 'write', 'zero', 'zero', 'discard'];
const kinds: [WorkloadKind, ...WorkloadKind[]] = [
  'whole-clusters',
  'whole-clusters',
  'multi-cluster',
  'unaligned',
  'one-sector',
  'tail',
];

const bitmap = 'bm0';

/** Refused, as long as a backup has it. */
const bitmapInUse: Part = (draw, situation) => {
  const verb = draw.oneOf(['remove', 'clear', 'disable'] as const);
  return only(command(draw, situation, `block-dirty-bitmap-${verb}`, { node: 'src', name: bitmap }));
};

const start =
  (isHeld: boolean, makers: [StepMaker, ...StepMaker[]]): Part =>
  (draw, situation) =>
    startOne(
      draw,
      situation,
      (inner, name) => ({
        speed: isHeld ? inner.oneOf(limits.slowSpeeds) : 0,
        ...(name.endsWith('mirror')
          ? {
              'copy-mode': inner.oneOf(['background', 'write-blocking'] as const),
              ...(isHeld ? { 'buf-size': inner.oneOf(limits.slowBufBytes) } : {}),
              ...inner.sometimes(0.6, { granularity: inner.oneOf([512, 4096, 65_536, 2 ** 20]) }),
            }
          : {}),
      }),
      makers,
    );

/** Into a file whose backing file is opened last: in grains smaller than a cluster whole clusters are copied all the same. */
const shallowMirror: StepMaker = (draw, situation) => {
  const source = situation.nodes.find(({ name, backing }) => name === 'src' && backing !== undefined);
  return (
    source &&
    only(
      command(draw, situation, 'drive-mirror', {
        'job-id': drawJobId(draw, situation),
        device: deviceArgument(source),
        sync: draw.oneOf(['top', 'top', 'none']),
        ...newFile(draw, situation, 'f', 'top'),
      }),
    )
  );
};

/** One request or three, all of a kind: what is lost can be one thing only. */
const asked =
  (kind: WorkloadKind, only: Request): Part =>
  (draw, situation) => {
    const disk = writableDisk(situation);
    if (!disk) return undefined;
    const where = { disk: disk.name, sizeBytes: disk.sizeBytes, requests: draw.oneOf([1, 1, 3]) };
    const steps = guestWorkload(draw, kind, where).flatMap((step) =>
      'guest' in step && 'offsetBytes' in step ? [asOne(step, only, draw.chance(0.5))] : [],
    );
    const isWaited =
      draw.chance(0.6) &&
      situation.throttled.length === 0 &&
      !situation.jobs.some(({ autoFinalize }) => !autoFinalize);
    return [
      ...steps,
      ...(isWaited ? [{ await: 'guest' as const, deadlineMs: limits.finishMirrorDeadlineMs }] : []),
    ];
  };

function asOne(step: GuestStep, only: Request, unmaps: boolean): Step {
  const { fua: _, unmap: __, ...place } = step;
  return { ...place, guest: only, ...(only === 'zero' && unmaps ? { unmap: true } : {}), wait: false };
}

const letGo: Part = (draw, situation) => {
  const [job] = situation.jobs;
  return job && only(command(draw, situation, 'block-job-set-speed', { device: job.id, speed: 0 }));
};

/**
 * A READY mirror that copies slowly: the first request after it uses up what the limit leaves, so that what comes next is
 * still dirty when the mirror is told to end.
 */
const heldReady: Part = (draw, situation) => {
  const job = readyJob(situation);
  const speed = draw.oneOf(limits.slowSpeeds);
  return job && only(command(draw, situation, 'block-job-set-speed', { device: job.id, speed }));
};

const stood =
  (verb: 'pause' | 'resume'): Part =>
  (draw, situation) => {
    const job = readyJob(situation);
    return job && (verbSteps(draw, situation, verb, job) ?? undefined);
  };

const ended =
  (isHeld: boolean): Part =>
  (draw, situation) => {
    const [job] = situation.jobs;
    if (!job) return undefined;
    const cancel = only(command(draw, situation, 'block-job-cancel', { device: job.id })) ?? [];
    const complete = verbSteps(draw, situation, 'complete', job) ?? [];
    const how = job.endless ? cancel : job.becomesReady ? draw.oneOf([complete, cancel]) : [];
    const released = isHeld ? (letGo(draw, situation) ?? []) : [];
    const unthrottled = situation.throttled.map((disk): Step => ({ fault: 'unthrottle', disk }));
    const over: Step = { await: 'gone', job: job.id, deadlineMs: limits.finishMirrorDeadlineMs };
    return [...how, ...released, ...unthrottled, over];
  };
