import type { Errno } from '../../sequence/arena.ts';
import { isJsonObject, type JsonObject } from '../../sequence/json-object.ts';
import type { Json } from '../../sequence/step.ts';
import type { Place } from '../../trace/place.ts';
import type { Fact } from '../facts/fact.ts';
import type { Ledger } from '../ledger.ts';
import type { ArmedError, ArmedErrors } from '../reading/armed-errors.ts';
import { connectedTo } from '../reading/connected.ts';
import type { Evidence } from '../reading/evidence.ts';
import { type EventEntry, eventsNamed, type JobHistory, jobsOf, who } from '../reading/job-histories.ts';
import { ownNodesOf } from '../reading/own-nodes.ts';
import { beginOf } from '../reading/spent-errors.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';
import { lastingError, survives } from './lasting-error.ts';
import { type Errors, errorsMet, isEnospc, possibleErrnos } from './met-errors.ts';

const action: Rule = {
  name: 'state/error-policy',
  kind: 'state',
  statement:
    'The action of BLOCK_JOB_ERROR is what the policy of that side says: read the source, write the target.',
  source:
    'qapi/block-core.json (QEMU 10.0), BlockdevOnError: "same as @stop on ENOSPC, same as @report otherwise."; auto is enospc for jobs: block.c, bdrv_get_error_action; every policy tried on both sides',
};
const uncaused: Rule = {
  name: 'state/error-caused',
  kind: 'state',
  statement:
    'A job between disks of ours, whether named by node, by drive or by a node that a step put above them, meets a read error only where one was injected on a disk that has to do with it.',
  source:
    'qapi/block-core.json (QEMU 10.0), BLOCK_JOB_ERROR: "Emitted when a block job encounters an error"; the images lie in memory, whose reads do not fail',
};
const misnamed: Rule = {
  name: 'state/error-named',
  kind: 'state',
  statement:
    'A job that an injected error ends names that error, and so does a stream at its end that has ignored it.',
  source:
    'qapi/block-core.json (QEMU 10.0), BLOCK_JOB_COMPLETED: "This field contains a human-readable error message."; job.c, job_update_rc: strerror of what the request returned; EIO, ENOSPC and EPERM tried on both sides',
};

/** Errors of requests: what jobs do about them is what their policies say, and nothing fails by itself. */
export const stateErrors: RuleFamily = {
  rules: [action, uncaused, misnamed, lastingError],
  judge(evidence, ledger) {
    const met = errorsMet(evidence);
    const { armed } = met;
    const { lives } = jobsOf(evidence);
    if (armed.all.length === 0 && lives.every((life) => errorEvents(life).length === 0)) return [];
    return lives.flatMap((life): Violation[] => [
      ...errorEvents(life).flatMap((entry) =>
        judgeEvent(life, entry, possibleErrnos(met, life, entry.at), ledger),
      ),
      ...readErrors(evidence, life, met, ledger),
      ...endings(life, met, ledger),
      ...survives(evidence, life, met, ledger),
    ]);
  },
};

const errorEvents = (life: JobHistory): readonly EventEntry[] => eventsNamed(life, 'BLOCK_JOB_ERROR');

function judgeEvent(
  life: JobHistory,
  { at, data }: EventEntry,
  errnos: ReadonlySet<Errno> | undefined,
  ledger: Ledger,
): Violation[] {
  const { operation: side, action: taken } = data;
  const policy = side === 'read' ? life.options.onSourceError : life.options.onTargetError;
  const allowed = policy === undefined ? undefined : actionsOf(policy, errnos);
  if (!allowed || typeof taken !== 'string') ledger.undecided(action, 'start unseen');
  else if (!allowed.includes(taken)) return [policyBroken(life, at, data, errnos)];
  else if (allowed.length > 1) ledger.undecided(action, 'error unknown');
  else ledger.held(action);
  return [];
}

function policyBroken(
  life: JobHistory,
  at: Place,
  { operation: side, action: taken }: EventEntry['data'],
  errnos: ReadonlySet<Errno> | undefined,
): Violation {
  const policy = side === 'read' ? life.options.onSourceError : life.options.onTargetError;
  const injected = errnos && isEnospc(policy) ? [...errnos] : [];
  const facts: Fact = {
    shape: 'outcome',
    ...who(life),
    is: 'policy',
    side: `${side}`,
    injected,
    policy: `${policy}`,
    action: `${taken}`,
  };
  return { rule: action, at, facts };
}

/** The event does not name the error, and `enospc` asks for it: what was injected tells. */
function actionsOf(policy: string, errnos: ReadonlySet<Errno> | undefined): readonly string[] | undefined {
  if (!isEnospc(policy)) return ['report', 'ignore', 'stop'].includes(policy) ? [policy] : undefined;
  if (errnos && !errnos.has('ENOSPC')) return ['report'];
  return errnos?.size === 1 ? ['stop'] : ['stop', 'report'];
}

function readErrors(
  evidence: Evidence,
  life: JobHistory,
  { armed, disturbed }: Errors,
  ledger: Ledger,
): Violation[] {
  const start = startOf(evidence, life);
  const isOwn = ownNodesOf(evidence);
  const named = start ? nodesNamed(start.args) : [];
  if (!start || named.length === 0 || !named.every((node) => isOwn(node, start.sent))) return [];
  return errorEvents(life).flatMap(({ at, data }): Violation[] => {
    if (data.operation !== 'read') return [];
    const connected = connectedTo(evidence, `${named[0]}`, at);
    const { disks } = armed;
    const isCause = (one: ArmedError): boolean => connected.has(one.disk) && !hasEnded(one, disks, life);
    if (armed.before(at).some(isCause)) ledger.held(uncaused);
    else if (at >= disturbed.from) ledger.undecided(uncaused, disturbed);
    else {
      const over = armed.before(at).some(({ disk }) => connected.has(disk));
      const facts: Fact = { shape: 'outcome', ...who(life), is: 'error without cause' };
      return [{ rule: uncaused, at, facts: over ? { ...facts, over } : facts }];
    }
    return [];
  });
}

/**
 * Whether an error was over before the job began. What writes left half done in the tables of other formats than raw and
 * qcow2 may fail a read later; of qcow2 an event says so, which is one of the other causes.
 */
function hasEnded({ error, disk, over }: ArmedError, disks: ArmedErrors['disks'], life: JobHistory): boolean {
  const format = disks.get(disk)?.format ?? '';
  return over < beginOf(life) && (error.iotype === 'read' || format === 'raw' || format === 'qcow2');
}

/** The command that started it, or the transaction's action. */
function startOf({ bySent }: Evidence, { startedBy, id }: JobHistory): Start | undefined {
  const start = bySent.get(startedBy ?? -1);
  if (start?.name !== 'transaction') return start;
  const actions = Array.isArray(start.args.actions) ? start.args.actions : [];
  for (const action of actions)
    if (isJsonObject(action) && isJsonObject(action.data) && action.data['job-id'] === id)
      return { args: action.data, sent: start.sent };
  return undefined;
}

type Start = { args: JsonObject; sent: Place };

/** What it reads and writes, as its arguments name it: its source first. A file name, or none, stands for what is not known. */
const nodesNamed = (args: JsonObject): Json[] =>
  ['device', 'target', 'base', 'base-node', 'top', 'top-node', 'bottom'].flatMap(
    (member) => args[member] ?? [],
  );

/** Of a job that reported an error and ended with it, or of a stream, which names at its end what it has ignored. */
function endings(life: JobHistory, met: Errors, ledger: Ledger): Violation[] {
  const { armed, disturbed } = met;
  const [end] = eventsNamed(life, 'BLOCK_JOB_COMPLETED');
  const isNamed = (action: Json | undefined): boolean =>
    action === 'report' || (action === 'ignore' && life.options.type === 'stream');
  const reported = errorEvents(life).some(({ data }) => isNamed(data.action));
  const told = end?.data.error;
  if (!end || !reported || typeof told !== 'string' || armed.before(end.at).length === 0) return [];
  const errnos = possibleErrnos(met, life, end.at);
  if (!errnos) {
    ledger.undecided(misnamed, end.at < disturbed.from ? 'error unknown' : disturbed);
    return [];
  }
  if ([...errnos].some((errno) => told.includes(errnoTexts[errno]))) {
    ledger.held(misnamed);
    return [];
  }
  if (ofTheHost.test(told)) {
    ledger.undecided(misnamed, 'other causes');
    return [];
  }
  const facts: Fact = {
    shape: 'outcome',
    ...who(life),
    is: 'error misnamed',
    named: told,
    injected: [...errnos],
  };
  return [{ rule: misnamed, at: end.at, facts }];
}

/** As strerror says them. */
export const errnoTexts: Readonly<Record<Errno, string>> = {
  EIO: 'Input/output error',
  ENOSPC: 'No space left on device',
  EPERM: 'Operation not permitted',
};

/** What the machine that QEMU runs on may say of itself. */
const ofTheHost = /No space left on device|Cannot allocate memory|File too large|Disk quota exceeded/;
