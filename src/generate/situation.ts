import { isReady } from '../model/job-machine.ts';
import { cardOf } from '../qemu/cards.ts';
import type { QmpSchema } from '../qmp/schema.ts';
import type { Arena, StorageKind } from '../sequence/arena.ts';
import { deviceId, ideDevice } from '../sequence/device-names.ts';
import type { JsonObject } from '../sequence/json-object.ts';
import type { Optional } from '../sequence/optional.ts';
import type { Json, QmpStep, ServerState, Step } from '../sequence/step.ts';
import type { Flavour } from '../trace/observation.ts';
import { arenaNodes } from './guess-disks.ts';
import { graphAfter, withArenaNodes } from './guess-graph.ts';
import { graphAfterJob } from './guess-job-end.ts';
import { awaitedBy, elapse, startedBy, verbCarriedOut } from './guess-jobs.ts';
import type { GuessedBitmap, GuessedExport, GuessedJob, GuessedNode } from './guesses.ts';
import { evenHabits, type Habits } from './habits.ts';
import { isPlausible } from './resolve-references.ts';

/** The QEMU that a sequence is made for. */
export type Binary = {
  version: string;
  flavour: Flavour;
  schema: QmpSchema;
  /** What images may lie on; local files where nothing is said. */
  storage?: readonly StorageKind[];
  /** Optional things that are not to be used. */
  without?: ReadonlySet<Optional>;
};

/** What the generator believes to be there after the steps so far. Lists are in the order in which things came to be. */
export type Situation = {
  binary: Binary;
  arena: Arena;
  habits: Habits;
  /** Those that still live, in the order of their start: `#0` is the first. */
  jobs: readonly GuessedJob[];
  nodes: readonly GuessedNode[];
  bitmaps: readonly GuessedBitmap[];
  exports: readonly GuessedExport[];
  /** The sequence has started an NBD server, or the arena has one for its exports. */
  nbdServer: boolean;
  /** Every job id and every node or file name given so far, also of what is gone. */
  usedJobIds: readonly string[];
  usedNames: readonly string[];
  /** Disks with an injected fault armed; disks whose throttle is on. */
  faulty: readonly string[];
  throttled: readonly string[];
  /** Disks with whose server something is the matter. */
  unwell: readonly { disk: string; is: ServerState }[];
  /** SIGSTOP is in force. */
  suspended: boolean;
  /** `stop`: the guest stands still, and what it asks of its disks waits. */
  stopped: boolean;
  /** Disks whose device was asked to go, or stands on another node by now. */
  unplugged: readonly string[];
  /** quit or SIGKILL: nothing further makes sense. */
  over: boolean;
  steps: number;
  /** The step at which a job was last believed to end: while that may not be seen yet, `#N` may still mean it. */
  lastEnd: number | undefined;
};

/** Before the first step. */
export function begin(binary: Binary, arena: Arena, habits: Habits = evenHabits): Situation {
  const { nodes, exported } = withArenaNodes(arena, arenaNodes(arena, binary.flavour));
  return {
    binary,
    arena,
    habits,
    jobs: [],
    nodes,
    bitmaps: [],
    exports: [],
    nbdServer: exported,
    usedJobIds: [],
    usedNames: nodes.map(({ name }) => name),
    faulty: arena.disks.flatMap(({ name, layers = [] }) =>
      layers.some((layer) => 'blkdebug' in layer || 'room' in layer) ? [name] : [],
    ),
    throttled: arena.disks.flatMap(({ name, layers = [] }) =>
      layers.some(
        (layer) => 'throttle' in layer && Boolean(layer.throttle.bytesPerSecond || layer.throttle.iops),
      )
        ? [name]
        : [],
    ),
    unwell: [],
    suspended: false,
    stopped: false,
    unplugged: [],
    over: false,
    steps: 0,
    lastEnd: undefined,
  };
}

/** What is believed once the step has been carried out. A command that can't be accepted changes nothing. */
export function after(situation: Situation, step: Step): Situation {
  const now = withJobs({ ...situation, steps: situation.steps + 1 }, aged(situation));
  if ('qmp' in step) return afterCommand(now, step);
  if ('fault' in step) return afterFault(now, step);
  if ('await' in step) {
    const about = jobNamed(now, step.job ?? '#0');
    return withJobs(now, awaitedBy(now.jobs, about, step.await, isFaulty(now)));
  }
  if ('pause' in step && step.pause >= 1) return withJobs(now, elapse(now.jobs));
  return now;
}

/** How a step names that job: late-bound where `#N` finds it. */
export function jobReference({ jobs, steps, lastEnd }: Situation, job: GuessedJob): string {
  const isCertain = lastEnd === undefined || steps > lastEnd + 3;
  return isCertain && jobs.every(({ announced, ending }) => announced && !ending)
    ? `#${jobs.indexOf(job)}`
    : job.id;
}

/** The job that `#N` or an id means. */
export function jobNamed({ jobs }: Situation, name: Json | undefined): GuessedJob | undefined {
  if (typeof name !== 'string') return undefined;
  const index = /^#(\d{1,3})$/.exec(name)?.[1];
  return index === undefined ? jobs.find(({ id }) => id === name) : jobs[Number(index)];
}

function afterCommand(now: Situation, step: QmpStep): Situation {
  const { qmp, args = {} } = step;
  if (now.suspended || now.over || !isPlausible(now.binary.schema, qmp, args)) return now;
  if (qmp === 'quit') return { ...now, over: true };
  if (qmp === 'stop' || qmp === 'cont') return { ...now, stopped: qmp === 'stop' };
  if (qmp === 'device_del' || qmp === 'qom-set') return deviceTaken(now, args);
  const verb = cardOf(qmp)?.verb;
  if (verb) {
    const named = jobNamed(now, args[verb.id]);
    if (!named) return now;
    const job = { ...named, pivots: named.pivots || (isReady(named.status) && verb.does === 'finishes') };
    const before = { ...now, jobs: now.jobs.map((other) => (other === named ? job : other)) };
    const jobs = verbCarriedOut(before.jobs, job, verb, args);
    const done = withJobs(before, jobs);
    return verb.does === 'cancels' ? { ...done, nodes: now.nodes } : done;
  }
  const changed = graphAfter(now, qmp, args);
  const jobs = startedBy(changed, qmp, args, step.wait !== false);
  return {
    ...changed,
    jobs: [...changed.jobs, ...jobs],
    usedJobIds: [...changed.usedJobIds, ...jobs.map(({ id }) => id)],
  };
}

function deviceTaken(now: Situation, { id, path, property }: JsonObject): Situation {
  if (id === undefined && property !== 'drive') return now;
  const names = now.arena.disks.filter(({ name, frontend }) => {
    const device = frontend === 'ide' ? ideDevice : deviceId(name);
    return id === device || path === `/machine/peripheral/${device}`;
  });
  return { ...now, unplugged: [...now.unplugged, ...names.map(({ name }) => name)] };
}

/** What becomes of the graph when jobs have come to their end. */
function withJobs(now: Situation, jobs: readonly GuessedJob[]): Situation {
  const isLive = ({ id, status }: GuessedJob): boolean =>
    status !== 'concluded' && jobs.some((other) => other.id === id && other.status !== 'concluded');
  const ended = now.jobs.filter((job) => job.status !== 'concluded' && !isLive(job));
  const isGone = now.jobs.some(({ id }) => jobs.every((job) => job.id !== id));
  return {
    ...now,
    jobs,
    nodes: ended.reduce(graphAfterJob, now.nodes),
    lastEnd: isGone ? now.steps : now.lastEnd,
  };
}

function afterFault(now: Situation, step: Extract<Step, { fault: string }>): Situation {
  switch (step.fault) {
    case 'inject':
    case 'fill':
      return { ...now, faulty: [...without(now.faulty, step.disk), step.disk] };
    case 'lift':
    case 'room':
      return { ...now, faulty: without(now.faulty, step.disk) };
    case 'server':
      return afterServerFault(now, step);
    case 'throttle':
      return { ...now, throttled: [...without(now.throttled, step.disk), step.disk] };
    case 'unthrottle':
      return { ...now, throttled: without(now.throttled, step.disk) };
    case 'sigstop':
    case 'sigcont':
      return { ...now, suspended: step.fault === 'sigstop' };
    case 'monitor':
      return step.commands.reduce(
        (before, { qmp, args }) => afterCommand(before, { qmp, ...(args ? { args } : {}) }),
        now,
      );
    case 'stranger':
    case 'opener':
      return now;
    case 'sigkill':
    case 'restart':
      return { ...now, over: true };
  }
}

function afterServerFault(now: Situation, { disk, is }: Extract<Step, { fault: 'server' }>): Situation {
  const lasts = is !== 'well' && is !== 'cut';
  const unwell = now.unwell.filter((other) => other.disk !== disk);
  return {
    ...now,
    faulty: lasts ? [...without(now.faulty, disk), disk] : without(now.faulty, disk),
    unwell: lasts ? [...unwell, { disk, is }] : unwell,
  };
}

const without = (names: readonly string[], name: string): string[] => names.filter((other) => other !== name);

const isFaulty =
  ({ faulty }: Situation) =>
  (job: GuessedJob): boolean =>
    faulty.includes(job.source) || (job.target !== undefined && faulty.includes(job.target));

/** A job that nothing holds has moved on a few commands later. */
function aged(situation: Situation): GuessedJob[] {
  return elapse(
    situation.jobs.map((job) => ({ ...job, ageSteps: job.ageSteps + 1 })),
    (job) => {
      if (job.ending) return job.ageSteps > (isSlow(situation, job) ? slowSteps : 1);
      return job.ageSteps > (job.becomesReady ? briefSteps : 2);
    },
  );
}

/** What it copies waits its turn at a throttle. */
export const isSlow = ({ throttled }: Situation, { source, target }: GuessedJob): boolean =>
  throttled.includes(source) || (target !== undefined && throttled.includes(target));

/** Commands in the time that a copy of a small disk takes: a megabyte is copied within a millisecond or two. */
const briefSteps = 4;

/** Commands in the time that the last writes of a guest take on a slow target. */
const slowSteps = 8;
