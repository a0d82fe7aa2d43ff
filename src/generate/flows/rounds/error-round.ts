import type { JsonObject } from '../../../sequence/json-object.ts';
import type { FaultStep, Step } from '../../../sequence/step.ts';
import { oneOf } from '../../arenas/arena-maker.ts';
import { chain } from '../../arenas/chain.ts';
import { faultyPair } from '../../arenas/faulty.ts';
import { pair } from '../../arenas/pair.ts';
import type { Draw } from '../../draw.ts';
import type { GuessedJob } from '../../guesses.ts';
import { limits } from '../../limits.ts';
import { after } from '../../situation.ts';
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
    const chains = [named(chain({ depth: 2, guest })), named(chain({ depth: 3, guest }))] as const;
    return binary.schema.commands.has('blockdev-reopen')
      ? oneOf(pair({ guest }), ...chains)(draw, binary)
      : oneOf(faultyPair({ guest }), ...chains)(draw, binary);
  }),
  parts: (draw) => Array.from({ length: jobsInARound }, () => bout(draw)).flat(),
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
    const start = startOne(draw, situation, (_, name) => ({
      ...policyOptions(name, side, onSource, onTarget),
      ...draw.sometimes(0.4, { 'auto-dismiss': false }),
    }));
    const job = start?.[0] && after(situation, start[0]).jobs.at(-1);
    if (!job || situation.faulty.length > 0) return start;
    const touched = readsAndWrites(situation, job);
    const disk = draw.anyOf(touched[side].filter((name) => canInject(situation, name)));
    // An error that lasts and is ignored makes a loop.
    const once = draw.chance(0.7) || [onSource, onTarget].includes('ignore');
    const errno = draw.chance(isEnospc(side === 'read' ? onSource : onTarget) ? 0.75 : 0.4)
      ? 'ENOSPC'
      : 'EIO';
    return [...(disk === undefined ? [] : [error(draw, disk, { side, once, errno })]), ...(start ?? [])];
  };

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

type Failure = { side: 'read' | 'write'; once: boolean; errno: 'EIO' | 'ENOSPC' };

function error(draw: Draw, disk: string, { side, once, errno }: Failure): FaultStep {
  const how = once ? { once: true as const, ...(draw.chance(0.4) ? { nth: draw.int(1, 4) } : {}) } : {};
  const iotype =
    side === 'read' ? 'read' : draw.oneOf(['write', 'write', 'write', 'write-zeroes', 'flush'] as const);
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
