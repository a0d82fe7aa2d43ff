import { cardOf, isQuestion, jobOf } from '../../qemu/cards.ts';
import type { Disk } from '../../sequence/arena.ts';
import { isJsonObject, type JsonObject } from '../../sequence/json-object.ts';
import type { Observation } from '../../trace/observation.ts';
import { asPlace, firstPlace, nowhere, opening, type Place } from '../../trace/place.ts';
import type { GuestFact } from '../facts/guest.ts';
import { armedErrorsOf, hasNodesThatFail } from '../reading/armed-errors.ts';
import { connectedTo } from '../reading/connected.ts';
import { type Evidence, type Exchange, replyOf } from '../reading/evidence.ts';
import { busyTypesAt } from '../reading/live-jobs.ts';
import { serverTroubleFrom } from '../reading/server-trouble.ts';
import { disturbancesOf } from '../reading/undecided-from.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';
import { type Cause, earliest, type WhyUndecided } from '../why-undecided.ts';

const fails: Rule = {
  name: 'state/guest-error',
  kind: 'state',
  statement:
    "A guest's request fails only where something explains it: an injected error in force on its disk, or on one that a job has joined to it, a server or a full disk, a request beyond the disk, a device or an export that was taken away, QEMU's end.",
  source:
    'we expect: a guest takes an error for a broken disk; no job is documented to fail the requests of the guest whose disk it works on, and the images lie in memory',
};

type Begin = Extract<Observation, { kind: 'guest-begin' }>;
type End = Extract<Observation, { kind: 'guest-end' }>;
/** A request that has failed. */
type Failed = { asked: Begin; begin: Place; ended: End; end: Place };

/** What the guest sees of a disk that does not work. */
export const guestErrors: RuleFamily = {
  rules: [fails],
  judge(evidence, ledger) {
    const begun = new Map<number, { asked: Begin; begin: Place }>();
    const found: Violation[] = [];
    for (const [at, seen] of evidence.trace.entries()) {
      if (seen.kind === 'guest-begin') begun.set(seen.request, { asked: seen, begin: at });
      if (seen.kind !== 'guest-end') continue;
      const request = begun.get(seen.request);
      if (!request) continue;
      if (seen.result === 'ok') {
        ledger.held(fails);
        continue;
      }
      const failed = { ...request, ended: seen, end: at };
      const why = seen.result === 'unattributed' ? 'several requests' : explanation(evidence, failed);
      if (why === 'explained') ledger.held(fails);
      else if (why) ledger.undecided(fails, why);
      else found.push(violation(evidence, failed));
    }
    return found;
  },
};

function explanation(
  evidence: Evidence,
  { asked, begin, ended, end }: Failed,
): 'explained' | WhyUndecided | Cause | undefined {
  const { trace, opened } = evidence;
  const disk = opened.sequence.arena.disks.find(({ name }) => name === asked.disk);
  if (!disk || disk.readOnly === true || /no frontend|BIOS (counts|has no)/.test(ended.text ?? ''))
    return 'explained';
  const { op } = asked;
  if (op.op !== 'flush' && op.offsetBytes + op.lengthBytes > sizeSeen(evidence, disk)) return 'explained';
  // A client that was given up takes what it had in flight with it.
  if (trace.slice(0, end).some(({ kind }) => kind === 'expired')) return 'waits behind another';
  if (isGoing(evidence, end)) return 'QEMU ends';
  const connected = connectedTo(evidence, disk.name, end);
  const met = armedErrorsOf(evidence).all.filter(
    ({ disk: on, from, over }) => from < end && over > begin && connected.has(on),
  );
  if (met.length > 0) return 'explained';
  const cause = earliest(
    disturbancesOf(evidence).either,
    { why: 'server trouble', from: serverTroubleFrom(evidence) },
    { why: 'other causes', from: otherCausesFrom(evidence, asked.disk) },
  );
  if (cause.from < end) return cause;
  return noRoom.test(ended.text ?? '') ? 'other causes' : undefined;
}

/** A guest that comes by way of a raw node with an offset or a size has that part of the disk. */
function sizeSeen({ opened }: Evidence, { sizeBytes, through }: Disk): number {
  const parts = (through === undefined ? [] : (opened.sequence.arena.nodes ?? [])).flatMap(
    ({ driver, offset, size }) =>
      driver === 'raw' ? [Math.min(Number(size ?? sizeBytes), sizeBytes - Number(offset ?? 0))] : [],
  );
  return Math.min(sizeBytes, ...parts);
}

/**
 * Whether QEMU was on its end: that it has ended is seen a little later, or not at all. A reply on its way proves nothing,
 * only one to a command that was sent afterwards.
 */
export function isGoing({ trace, exchanges }: Evidence, end: Place): boolean {
  const over = trace.findIndex(({ kind }, at) => at > end && ends.has(kind));
  return !exchanges.some(
    ({ sent, reply }) => sent > end && reply !== undefined && (over === -1 || reply < over),
  );
}

const ends: ReadonlySet<string> = new Set(['exit', 'disconnect', 'closed', 'restarted']);

/** The machine's own file system may be full. */
export const noRoom = /No space left|quota/i;

/** From there on something else may fail the guest's requests, or take its device away. */
function otherCausesFrom(evidence: Evidence, disk: string): Place {
  const { trace, exchanges } = evidence;
  if (hasNodesThatFail(evidence.opened.sequence.arena)) return opening;
  const done = trace.findIndex(
    (seen) =>
      (seen.kind === 'event' && seen.name === 'BLOCK_IMAGE_CORRUPTED') ||
      (seen.kind === 'phase' && seen.phase === 'teardown'),
  );
  const mayFail = exchanges.find(
    (exchange) =>
      exchange.step !== undefined &&
      !replyOf(evidence, exchange)?.error &&
      actionsOf(exchange).some((action) => mayFailRequests(evidence, exchange, action, disk)),
  );
  return firstPlace(done === -1 ? nowhere : asPlace(done), mayFail?.sent ?? nowhere);
}

type Action = { name: string; args: JsonObject };

/** Whether a command, once accepted, explains that the guest's requests fail. */
function mayFailRequests(
  { opened }: Evidence,
  { step }: Exchange,
  { name, args }: Action,
  disk: string,
): boolean {
  const made = step === undefined ? undefined : opened.sequence.steps[step];
  // Faults and guests have commands of their own, and are judged as what they are.
  if (made && ('fault' in made || 'guest' in made)) return false;
  if (isQuestion(name) || cardOf(name)?.verb) return false;
  const text = JSON.stringify(args);
  const job = jobOf(name);
  // A compressed write overwrites nothing, and the guest waits for what a backup saves before it.
  if (job) return text.includes('"compress":true') || 'replaces' in args || job.kind !== 'block';
  const { change } = cardOf(name) ?? {};
  switch (change?.kind) {
    case 'deletes node':
    case 'bitmap':
    case 'overlays':
    case 'names backing file':
      return false;
    case 'creates image':
      return false;
    case 'adds node':
      return /"(blkdebug|null-co|null-aio|blkreplay|error|snapshot-access|read-only|copy-before-write)"|inject/.test(
        text,
      );
    case 'export':
      return change.does === 'remove'
        ? args.id === `export-${disk}`
        : (args.name ?? args['node-name']) === disk;
    case 'nbd server':
      return change.is === 'stopped';
    default:
      return !harmless.test(name);
  }
}

const harmless =
  /^(qom-(get|list)|object-add|object-del|stop|cont|block-latency-histogram-set|query-status|device-list-properties|block_set_io_throttle|block-set-write-threshold|qmp_capabilities)$/;

function actionsOf({ name, args }: Exchange): Action[] {
  if (name !== 'transaction' || !Array.isArray(args.actions)) return [{ name, args }];
  return args.actions
    .filter(isJsonObject)
    .map(({ type, data }) => ({ name: `${type}`, args: isJsonObject(data) ? data : {} }));
}

function violation(evidence: Evidence, { asked, begin, ended, end }: Failed): Violation {
  const last = evidence.exchanges.findLast(
    ({ name, sent, step }) => sent < begin && step !== undefined && !isQuestion(name),
  );
  const facts: GuestFact = {
    shape: 'guest',
    is: 'failed',
    op: asked.op.op,
    said: ended.text ?? ended.result,
    busy: busyTypesAt(evidence, end),
    ...(last ? { since: { command: last.name, refused: replyOf(evidence, last)?.error !== undefined } } : {}),
  };
  return { rule: fails, at: end, ...(asked.step === undefined ? {} : { step: asked.step }), facts };
}
