import { retell } from '../../judge/dialect/retold.ts';
import { isReadable } from '../../qmp/readable.ts';
import { isEncrypted } from '../../sequence/arena.ts';
import { isJsonObject } from '../../sequence/json-object.ts';
import { type Sequence, sequenceSchema } from '../../sequence/sequence.ts';
import type { AwaitStep, GuestClient, Json, RawStep, Step } from '../../sequence/step.ts';
import { trackJobs } from '../../trace/jobs-seen.ts';
import {
  type Flavour,
  type GuestOp,
  type Observation,
  type Phase,
  statusChange,
  type Trace,
} from '../../trace/observation.ts';
import { bootRefusal } from './booted-guest.ts';
import { keySecret } from './opened-image.ts';
import { type PartyAction, partyAction, partyRefusal } from './parties.ts';
import { relativePaths } from './paths.ts';
import { type ServerAction, serverAction, serverRefusal } from './servers.ts';
import { endedIn } from './settling.ts';

/**
 * What was done to QEMU, with nothing left to look up: ids, nodes and paths are those of the trace, paths relative to
 * the run's directory. What a reproducer is made of, in whatever language.
 */
export type Plan = {
  sequence: Sequence;
  flavour: Flavour;
  oob: boolean;
  /** `--object` values: every version and flavour takes them on the command line. */
  objects: string[];
  setUp: PlannedCommand[];
  /** Disks that the guest is connected to from the start, by their NBD exports. */
  guestDisks: string[];
  steps: PlannedStep[];
  /** What lifts faults once the steps are over; then the jobs are ended, and the arena is taken apart. */
  lifted: PlannedCommand[];
  ended: Ended[];
  tornDown: PlannedCommand[];
  /** What a reproducer can't do of it, where there is such a thing. */
  refusal?: string;
};

export type PlannedCommand = { name: string; args: Record<string, Json> };

/** How a job was ended: by a command that was accepted, and by waiting for a status. */
export type Ended = PlannedCommand | { job: string; reaches: 'concluded' | 'null' };

export type PlannedStep = { index: number; step: Step; actions: Action[] };

export type Action =
  /**
   * `roomOf`: `size` in the arguments is that of this disk's image file as it is by then. `untilGone`: a job whose end
   * what comes next has waited for (drive-reopen, in today's commands).
   */
  | ({ do: 'qmp'; wait: boolean; oob: boolean; roomOf?: string; untilGone?: string } & PlannedCommand)
  | { do: 'raw'; step: RawStep; resync: boolean }
  /** `client`: a further one of the disk's export asks. */
  | { do: 'guest'; disk: string; op: GuestOp; wait: boolean; client?: GuestClient }
  | { do: 'signal'; signal: 'STOP' | 'CONT' | 'KILL' }
  | { do: 'await'; step: AwaitStep; job: string; waitMs: number }
  | { do: 'pause'; ms: number }
  | ServerAction
  | PartyAction
  /** QEMU, which is gone by then, is started again. */
  | { do: 'restart'; setUp: PlannedCommand[] };

/**
 * Reads from a trace what was done, in today's commands whatever dialect it was done in. Steps that were not reached,
 * since QEMU was gone, are left out; so is what was done after the place (`at`, in the trace as it is retold) at which the
 * violation shows.
 */
export function planOf(recorded: Trace, at = -1): Plan {
  const { trace } = retell(relativePaths(recorded));
  const decisive = at === -1 ? trace : trace.slice(0, at + 1);
  const opened = trace[0];
  if (opened?.kind !== 'opened') throw new Error('a trace opens with what ran where');
  const { sequence, qemu } = opened;
  const again = trace.findIndex(({ kind }) => kind === 'restarted');
  const setUp = commandsIn(again === -1 ? trace : trace.slice(0, again), 'set-up');
  const refusal = isOdd(recorded)
    ? 'its sequence is none that mirrorfuzz reads'
    : notReproduced(sequence, trace);
  return {
    ...(refusal === undefined ? {} : { refusal }),
    sequence,
    flavour: qemu.flavour,
    oob: sequence.steps.some((step) => 'qmp' in step && step.oob === true),
    objects: objectsOf(setUp, sequence),
    setUp: setUp.filter(({ name }) => name !== 'object-add'),
    guestDisks: guestDisks(sequence, setUp),
    steps: steps(trace, sequence),
    lifted: commandsIn(decisive, 'settle').filter(({ name }) => !/^(block-)?job-|^query-/.test(name)),
    ended: endedIn(decisive),
    tornDown: commandsIn(decisive, 'teardown').filter(
      ({ name }) => !/^query-|^qom-list|^object-del|^quit$/.test(name),
    ),
  };
}

/** A script takes names and figures of a sequence as they are, so those of a trace that came from elsewhere are checked. */
function isOdd([opened]: Trace): boolean {
  return opened?.kind !== 'opened' || !sequenceSchema.safeParse(opened.sequence).success;
}

/** Whoever reproduces this needs what only mirrorfuzz starts. */
function notReproduced(sequence: Sequence, trace: Trace): string | undefined {
  return bootRefusal(sequence) ?? partyRefusal(sequence, trace) ?? serverRefusal(sequence);
}

function commandsIn(trace: Trace, wanted: Phase): PlannedCommand[] {
  let phase: Phase | undefined;
  return trace.flatMap((seen): PlannedCommand[] => {
    if (seen.kind === 'phase') phase = seen.phase;
    return seen.kind === 'command' && phase === wanted ? [{ name: seen.name, args: seen.args }] : [];
  });
}

function objectsOf(setUp: readonly PlannedCommand[], { arena }: Sequence): string[] {
  const added = setUp.filter(({ name }) => name === 'object-add');
  if (added.length > 0) return added.map(({ args }) => objectOption(args));
  // Where the session had them from its start (5.2's daemon), the arena says which.
  const throttled = arena.disks.filter(({ layers = [] }) =>
    layers.some((layer) => 'throttle' in layer && layer.throttle.group === undefined),
  );
  return [
    ...(arena.iothreads ?? []).map((id) => `iothread,id=${id}`),
    ...(arena.throttleGroups ?? []).map((id) => `throttle-group,id=${id}`),
    ...throttled.map(({ name }) => `throttle-group,id=throttle-${name}`),
    ...(arena.disks.some(isEncrypted) ? [keySecret] : []),
  ];
}

/** What `--object` takes: a secret has what it holds; up to 5.2 such properties come in `props`. */
function objectOption({ 'qom-type': type, id, props = {}, ...others }: PlannedCommand['args']): string {
  const own = Object.entries({ ...(isJsonObject(props) ? props : {}), ...others });
  return [`${type},id=${id}`, ...own.map(([name, value]) => `${name}=${value}`)].join(',');
}

/** Connected whether or not its first request was reached: an idle client is one, too. */
function guestDisks({ steps }: Sequence, setUp: readonly PlannedCommand[]): string[] {
  const used = steps.flatMap((step) => ('guest' in step && step.via === undefined ? [step.disk] : []));
  return [...new Set(used)].filter((disk) =>
    setUp.some(({ name, args }) => name === 'block-export-add' && args.name === disk),
  );
}

function steps(trace: Trace, sequence: Sequence): PlannedStep[] {
  const planned: PlannedStep[] = [];
  const jobs = trackJobs();
  let suspended = false;
  for (const [at, seen] of trace.entries()) {
    jobs.note(seen);
    const current = planned.at(-1);
    if (seen.kind === 'phase' && seen.phase === 'settle') break;
    if (seen.kind === 'restarted') {
      current?.actions.push({ do: 'restart', setUp: commandsIn(lifeAfter(trace, at), 'set-up') });
      continue;
    }
    if (seen.kind === 'step') {
      const step = sequence.steps[seen.step] as Step;
      planned.push({ index: seen.step, step, actions: [] });
      if ('pause' in step) planned.at(-1)?.actions.push({ do: 'pause', ms: step.pause });
      if ('await' in step) planned.at(-1)?.actions.push(awaiting(step, trace, at, jobs.known()));
    } else if (current && 'step' in seen && seen.step === current.index) {
      const action = actionOf(seen, current, suspended);
      if (action?.do === 'signal') suspended = action.signal === 'STOP';
      if (action) current.actions.push(action);
    }
  }
  return planned;
}

/** Of what follows a restart, what makes the arena: up to the steps. */
function lifeAfter(trace: Trace, at: number): Trace {
  const steps = trace.findIndex((seen, i) => i > at && seen.kind === 'phase' && seen.phase === 'steps');
  return trace.slice(at, steps === -1 ? undefined : steps);
}

function actionOf(seen: Observation, { step, actions }: PlannedStep, suspended: boolean): Action | undefined {
  switch (seen.kind) {
    case 'command': {
      const { name, args, oob } = seen;
      if ('await' in step && name === 'query-block-jobs') return undefined; // the await's own polling
      if (typeof seen.id === 'string' && seen.id.startsWith('probe-')) return undefined; // part of resynchronising
      // Not one that opens a new disk for the step's own; in a dialect that one has another name.
      const isSteps = 'qmp' in step && (name === step.qmp || name !== 'blockdev-add');
      const wait = !suspended && isReadable(name) && isReadable(args) && !(isSteps && step.wait === false);
      const room = 'fault' in step && step.fault === 'fill' && /"size":/.test(JSON.stringify(args));
      return {
        do: 'qmp',
        name,
        args,
        oob: oob === true,
        wait,
        ...(room ? { roomOf: step.disk } : {}),
        ...(isReopen(step) && endsJob.has(name) ? { untilGone: `${args.device}` } : {}),
      };
    }
    case 'raw-sent':
      if (!('raw' in step) || actions.some((action) => action.do === 'raw')) return undefined;
      return { do: 'raw', step, resync: step.resync !== false && !suspended };
    case 'guest-begin':
      if (seen.via === 'hmp') return undefined; // its command is in the trace
      return {
        do: 'guest',
        disk: seen.disk,
        op: seen.op,
        wait: !suspended && !('wait' in step && step.wait === false),
        ...('guest' in step && step.client ? { client: step.client } : {}),
      };
    case 'fault': {
      const party = partyAction(seen);
      if (party) return party;
      if (seen.outcome !== 'armed') return undefined;
      const signal = signals[seen.fault.fault];
      return signal === undefined ? serverAction(seen.fault) : { do: 'signal', signal };
    }
    default:
      return undefined;
  }
}

const isReopen = (step: Step): boolean => 'qmp' in step && step.qmp === '__com.redhat_drive-reopen';
const endsJob: ReadonlySet<string> = new Set(['block-job-cancel', 'block-job-complete']);

const signals: Partial<Record<string, 'STOP' | 'CONT' | 'KILL'>> = {
  sigstop: 'STOP',
  sigcont: 'CONT',
  sigkill: 'KILL',
};

/** Deadlines for another machine: what came is waited for with patience, what did not for as long as it was. */
function awaiting(step: AwaitStep, trace: Trace, at: number, known: readonly string[]): Action {
  const ended = trace.findIndex((seen, i) => i > at && seen.kind === 'await');
  const outcome = trace[ended];
  const patientMs = 10_000;
  const waitMs =
    outcome?.kind !== 'await' || outcome.outcome === 'met' ? patientMs : Math.ceil(outcome.waitedUs / 1000);
  const reference = /^#(\d+)$/.exec(step.job ?? '#0');
  if (!reference) return { do: 'await', step, job: step.job ?? '', waitMs };
  const later = trackJobs();
  for (const seen of ended === -1 ? trace : trace.slice(0, ended)) later.note(seen);
  const index = Number(reference[1]);
  // One that was over by then may not be over yet where this is done again.
  const ever = new Set(trace.slice(0, at).flatMap((seen) => statusChange(seen)?.id ?? []));
  const only = ever.size === 1 ? [...ever][0] : undefined;
  return { do: 'await', step, job: known[index] ?? later.known()[index] ?? only ?? `#${index}`, waitMs };
}
