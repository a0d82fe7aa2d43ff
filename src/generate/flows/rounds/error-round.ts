import type { JsonObject } from '../../../sequence/json-object.ts';
import type { FaultStep, QmpStep, Step } from '../../../sequence/step.ts';
import { type ArenaMaker, oneOf } from '../../arenas/arena-maker.ts';
import { chain } from '../../arenas/chain.ts';
import { faultyPair } from '../../arenas/faulty.ts';
import { pair } from '../../arenas/pair.ts';
import type { Draw } from '../../draw.ts';
import type { GuessedJob } from '../../guesses.ts';
import { limits } from '../../limits.ts';
import { after, type Situation } from '../../situation.ts';
import { command, only } from '../../steps/command.ts';
import { verbSteps } from '../../steps/control.ts';
import { canInject } from '../../steps/faults.ts';
import type { Flow, Part } from '../flow.ts';
import { filled, named, startOne } from './start.ts';
import { toTheEnd } from './to-the-end.ts';
import { readsAndWrites } from './touched.ts';

const guest = true;

/**
 * One error where a job reads or where it writes, and policies of which the other side's says something else; then it is
 * gone, the job goes on, and nothing is lost. Then another job meets another one. Short: what a policy does wrong shows
 * where nothing else is the matter.
 */
export const errorRound: Flow = {
  name: 'error round',
  arena: filled((draw, binary) => {
    const chains = [full(chain({ depth: 2, guest })), full(chain({ depth: 3, guest }))] as const;
    return binary.schema.commands.has('blockdev-reopen')
      ? oneOf(pair({ guest }), ...chains)(draw, binary)
      : oneOf(faultyPair({ guest }), ...chains)(draw, binary);
  }),
  parts: (draw) => Array.from({ length: jobsInARound }, () => bout(draw)).flat(),
};

/** Each layer holds something, so that each is read. */
const full = (maker: ArenaMaker): ArenaMaker => {
  const whole = named(maker);
  return (draw, binary) => {
    const { disks, ...arena } = whole(draw, binary);
    const filledUp = disks.map((disk) =>
      disk.fill === 'empty' ? { ...disk, fill: 'seeded' as const } : disk,
    );
    return { ...arena, disks: filledUp };
  };
};

const jobsInARound = 3;
/** A job with its error takes so many at most; a sequence has 30. */
const stepsOfABout = 11;

function bout(draw: Draw): Part[] {
  const failing = draw.oneOf(policies);
  const other = draw.anyOf(policies.filter((each) => each !== failing));
  const side = draw.oneOf(['read', 'write'] as const);
  const [onSource, onTarget] = side === 'read' ? [failing, other] : [other, failing];
  return [met(side, onSource, onTarget), seen, mended, toTheEnd];
}

/** Many users give none, and have report; the others do something of their own. */
const policies: [Policy, ...Policy[]] = [
  undefined,
  undefined,
  'stop',
  'stop',
  'enospc',
  'enospc',
  'ignore',
  'ignore',
  'report',
];
type Policy = 'stop' | 'report' | 'ignore' | 'enospc' | undefined;

/** Where the arena's disks fail from the start (5.2), nothing is to be armed. */
const met =
  (side: 'read' | 'write', onSource: Policy, onTarget: Policy): Part =>
  (draw, situation) => {
    if (situation.jobs.length > 0 || situation.steps > limits.maxSteps - stepsOfABout) return undefined;
    const options = (_: Draw, name: string): JsonObject => ({
      ...policyOptions(name, side, onSource, onTarget),
      ...draw.sometimes(0.4, { 'auto-dismiss': false }),
    });
    const { start, touched } = aCopy(draw, situation, side, () => startOne(draw, situation, options));
    if (situation.faulty.length > 0) return start;
    const disk = draw.anyOf(touched);
    // An error that lasts and is ignored makes a loop.
    const once = draw.chance(0.7) || [onSource, onTarget].includes('ignore');
    const errno = draw.chance(isEnospc(side === 'read' ? onSource : onTarget) ? 0.75 : 0.4)
      ? 'ENOSPC'
      : 'EIO';
    return [...(disk === undefined ? [] : [error(draw, disk, { side, once, errno })]), ...(start ?? [])];
  };

type Copy = { start: QmpStep[] | undefined; touched: readonly string[] };

/** A job that has something to copy, and the disks of that side where it does: an error elsewhere is met by nobody. */
function aCopy(
  draw: Draw,
  situation: Situation,
  side: 'read' | 'write',
  drawn: () => QmpStep[] | undefined,
): Copy {
  let copy: Copy = { start: undefined, touched: [] };
  for (let attempt = 0; attempt < copyAttempts && copy.touched.length === 0; attempt++) {
    const start = drawn()?.map((step) => (draw.chance(0.9) ? ofAll(step) : step));
    copy = { start, touched: copiedBy(situation, start?.[0])[side] };
  }
  return copy;
}

/** Most of the nodes of these arenas are sources of something; an empty target is none. */
const copyAttempts = 4;

/** What copies only what a guest writes meets nothing: nobody writes here. */
const ofAll = (step: QmpStep): QmpStep =>
  step.args?.sync === 'none' ? { ...step, args: { ...step.args, sync: 'full' } } : step;

/** The disks whose data it reads, and those that this data is written to. */
function copiedBy(
  situation: Situation,
  start: QmpStep | undefined,
): Record<'read' | 'write', readonly string[]> {
  const job = start && after(situation, start).jobs.at(-1);
  if (!job || start.args?.sync === 'none' || !isFree(situation, job)) return { read: [], write: [] };
  const { read, write } = readsAndWrites(situation, job);
  const copied = read.filter(
    (name, i) => holdsData(situation, name) && (i === 0 || start.args?.sync !== 'top'),
  );
  const can = (name: string): boolean => canInject(situation, name);
  return { read: copied.filter(can), write: copied.length === 0 ? [] : write.filter(can) };
}

/** Commit and stream have one for both sides. */
function policyOptions(name: string, side: 'read' | 'write', onSource: Policy, onTarget: Policy): JsonObject {
  const isOne = name === 'block-commit' || name === 'block-stream';
  const one = side === 'read' ? onSource : onTarget;
  if (isOne) return one === undefined ? {} : { 'on-error': one };
  return {
    ...(onSource === undefined ? {} : { 'on-source-error': onSource }),
    ...(onTarget === undefined ? {} : { 'on-target-error': onTarget }),
  };
}

const isEnospc = (policy: Policy): boolean => policy === 'enospc';

/** Of its own: an overlay that is empty is not read. */
function holdsData({ nodes, arena }: Situation, name: string): boolean {
  const node = nodes.find((each) => each.name === name);
  const { fill = 'empty' } = arena.disks.find((disk) => disk.name === name) ?? {};
  return node !== undefined && (node.backing === undefined ? node.hasContent : fill !== 'empty');
}

/** Nobody else writes to a copy's target or stands on it, or it is refused. */
const isFree = ({ nodes }: Situation, { target }: GuessedJob): boolean =>
  target === undefined ||
  nodes.every(
    ({ name, frontend, backing }) => backing !== target && (name !== target || frontend === 'none'),
  );

type Failure = { side: 'read' | 'write'; once: boolean; errno: 'EIO' | 'ENOSPC' };

function error(draw: Draw, disk: string, { side, once, errno }: Failure): FaultStep {
  // What is met once is counted by the data's requests: qcow2 reads its tables before, and a job takes these for full.
  const isCounted = side === 'read' || draw.chance(0.3);
  const how = once ? { once: true as const, ...(isCounted ? { nth: draw.oneOf([1, 1, 1, 1, 2]) } : {}) } : {};
  const iotype =
    side === 'read'
      ? 'read'
      : // Zeroes are written only where the source has some, and few jobs say anything of a flush.
        draw.chance(0.8)
        ? 'write'
        : draw.oneOf(['write-zeroes', 'flush'] as const);
  return { fault: 'inject', disk, iotype, errno, ...how };
}

/** The job stands, or it has ended; either way it is looked at. */
const seen: Part = (draw, situation) => {
  const [job] = situation.jobs;
  if (!job) return undefined;
  const deadlineMs = draw.oneOf(limits.shortDeadlineMs);
  return [
    { await: whatShows(job), job: job.id, deadlineMs },
    ...(only(command(draw, situation, draw.oneOf(['query-block-jobs', 'query-block-jobs', 'query-jobs']))) ??
      []),
  ];
};

const whatShows = ({ stopsAtErrors, becomesReady, autoDismiss }: GuessedJob) =>
  stopsAtErrors ? 'paused' : becomesReady ? 'READY' : autoDismiss ? 'gone' : 'concluded';

const mended: Part = (draw, situation) => {
  const lifted = situation.faulty.map((disk): Step => ({ fault: 'lift', disk }));
  const [job] = situation.jobs;
  return [...lifted, ...(job?.stopsAtErrors ? (verbSteps(draw, situation, 'resume', job) ?? []) : [])];
};
