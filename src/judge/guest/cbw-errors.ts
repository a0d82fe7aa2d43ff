import { isQuestion } from '../../qemu/cards.ts';
import type { Arena, Disk, Inject } from '../../sequence/arena.ts';
import type { GuestOp, Observation } from '../../trace/observation.ts';
import type { Place } from '../../trace/place.ts';
import type { GuestFact } from '../facts/guest.ts';
import type { Ledger } from '../ledger.ts';
import { armedErrorsOf } from '../reading/armed-errors.ts';
import type { Evidence } from '../reading/evidence.ts';
import { jobsOf } from '../reading/job-histories.ts';
import { busyTypesAt } from '../reading/live-jobs.ts';
import { disturbancesOf } from '../reading/undecided-from.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';

const goesOn: Rule = {
  name: 'state/cbw-break-snapshot',
  kind: 'state',
  statement:
    "Under on-cbw-error=break-snapshot a guest's write through a copy-before-write filter does not fail because what was there could not be saved in time, or at all. Judged where errors and limits are those of the filter's target alone.",
  source: 'qapi/block-core.json (QEMU 10.0), OnCbwError: "continue guest write."',
  since: '7.2',
};
const isRefused: Rule = {
  name: 'state/cbw-break-guest-write',
  kind: 'state',
  statement:
    "Under on-cbw-error=break-guest-write a guest's first write to a cluster through a copy-before-write filter fails where every write to the filter's target does. Judged for raw images full of data, that nothing else has touched.",
  source: 'qapi/block-core.json (QEMU 10.0), OnCbwError: "report the error to the guest."',
  since: '7.2',
};

type Begin = Extract<Observation, { kind: 'guest-begin' }>;
type Request = { asked: Begin; begin: Place; end: Place; result: string; text: string };
/** The one filter of an arena: the guest's disk below it, and where it saves what was there. */
type Filter = { source: Disk; target: Disk; breaks: 'snapshot' | 'guest write' };

/** What a guest sees of a filter that can't save what its write is about to overwrite. */
export const cbwErrors: RuleFamily = {
  rules: [goesOn, isRefused],
  judge(evidence, ledger) {
    const filter = filterOf(evidence.opened.sequence.arena);
    if (!filter || !isQuiet(evidence)) return [];
    const requests = writesOf(evidence, filter.source.name);
    const judged = filter.breaks === 'snapshot' ? judgeGoingOn : judgeRefused;
    return requests.flatMap((request) => judged(evidence, filter, requests, request, ledger));
  },
};

/** A guest's disk right below the filter, and beside it nothing but nodes that read the past. */
function filterOf({ disks, nodes = [] }: Arena): Filter | undefined {
  const filters = nodes.filter(({ driver }) => driver === 'copy-before-write');
  const [filter] = filters;
  const isAlone =
    filters.length === 1 &&
    nodes.every(
      (node) => node === filter || (node.driver === 'snapshot-access' && node.file === filter?.['node-name']),
    );
  if (!filter || !isAlone || filter.bitmap !== undefined) return undefined;
  const source = disks.find(({ name, through }) => name === filter.file && through === filter['node-name']);
  const target = disks.find(({ name }) => name === filter.target);
  if (!source || !target || source.backing !== undefined || source.layers !== undefined) return undefined;
  return { source, target, breaks: filter['on-cbw-error'] === 'break-snapshot' ? 'snapshot' : 'guest write' };
}

/** Nothing was done but faults, requests, questions, and jobs that copy the past. */
function isQuiet(evidence: Evidence): boolean {
  const { exchanges, trace, opened } = evidence;
  const { arena, steps } = opened.sequence;
  const past = new Set(
    (arena.nodes ?? []).filter(({ driver }) => driver === 'snapshot-access').map((node) => node['node-name']),
  );
  const filter = filterOf(arena);
  const isOfThePast = ({ name, args }: { name: string; args: Record<string, unknown> }): boolean =>
    /^blockdev-(mirror|backup)$/.test(name) &&
    past.has(`${args.device}`) &&
    args.target !== filter?.source.name &&
    args.target !== filter?.target.name &&
    args.replaces === undefined;
  return (
    exchanges.every((exchange) => {
      if (exchange.step === undefined || isQuestion(exchange.name) || isOfThePast(exchange)) return true;
      const step = steps[exchange.step];
      return step !== undefined && ('fault' in step || 'guest' in step);
    }) &&
    trace.every((seen) => seen.kind !== 'fault' || known.has(seen.fault.fault)) &&
    !trace.some(({ kind }) => kind === 'expired' || kind === 'raw-sent')
  );
}

const known: ReadonlySet<string> = new Set(['inject', 'lift', 'throttle', 'unthrottle']);

function writesOf({ trace }: Evidence, disk: string): Request[] {
  const begun = new Map<number, { asked: Begin; begin: Place }>();
  return [...trace.entries()].flatMap(([at, seen]): Request[] => {
    if (seen.kind === 'guest-begin' && seen.disk === disk)
      begun.set(seen.request, { asked: seen, begin: at as Place });
    const request = seen.kind === 'guest-end' ? begun.get(seen.request) : undefined;
    if (seen.kind !== 'guest-end' || !request || !writes.has(request.asked.op.op)) return [];
    return [{ ...request, end: at as Place, result: seen.result, text: seen.text ?? seen.result }];
  });
}

const writes: ReadonlySet<GuestOp['op']> = new Set(['write', 'zero']);

type Judge = (
  evidence: Evidence,
  filter: Filter,
  requests: readonly Request[],
  request: Request,
  ledger: Ledger,
) => Violation[];

const judgeGoingOn: Judge = (evidence, { source, target }, _, request, ledger) => {
  if (request.result === 'ok') {
    ledger.held(goesOn);
    return [];
  }
  const { asked, end, result } = request;
  const cause = disturbancesOf(evidence).either;
  if (cause.from < end) ledger.undecided(goesOn, cause);
  else if (result !== 'error' || isBeyond(asked.op, source)) ledger.undecided(goesOn, 'error unknown');
  else if (armedErrorsOf(evidence).all.some(({ disk }) => disk !== target.name))
    ledger.undecided(goesOn, 'other causes');
  else return [violation(evidence, goesOn, request, 'failed')];
  return [];
};

const judgeRefused: Judge = (evidence, filter, requests, request, ledger) => {
  const { source, target } = filter;
  const { begin, end, asked, result } = request;
  const isPlain = [source, target].every(({ format }) => format === 'raw') && source.fill === 'full';
  const isArmed = armedErrorsOf(evidence).all.some(
    ({ disk, error, surelyFrom, surelyTo }) =>
      disk === target.name && failsEveryWrite(error) && surelyFrom < begin && surelyTo > end,
  );
  if (!isPlain || !isArmed || isBeyond(asked.op, source)) return [];
  const before = requests.filter((other) => other !== request && other.begin < end);
  const isFirst = before.every((other) => !overlap(asked.op, other.asked.op));
  if (!isFirst) ledger.undecided(isRefused, 'touched');
  else if (result !== 'ok') ledger.held(isRefused);
  else if (jobsOf(evidence).lives.some(({ options }) => options.type === undefined))
    ledger.undecided(isRefused, 'start unseen');
  else return [violation(evidence, isRefused, request, 'done')];
  return [];
};

const failsEveryWrite = ({ iotype, event, once, sector, sectors, nth }: Inject): boolean =>
  (iotype === undefined || iotype === 'write') &&
  event === undefined &&
  once !== true &&
  sector === undefined &&
  sectors === undefined &&
  nth === undefined;

const isBeyond = (op: GuestOp, { sizeBytes }: Disk): boolean =>
  op.op !== 'flush' && op.offsetBytes + op.lengthBytes > sizeBytes;

/** What is saved at a time, and more. */
const grainBytes = 2 ** 17;

/** Whether what is saved for one of them may be saved for the other. */
function overlap(a: GuestOp, b: GuestOp): boolean {
  if (a.op === 'flush' || b.op === 'flush') return false;
  const [from, to] = [
    Math.floor(b.offsetBytes / grainBytes),
    Math.ceil((b.offsetBytes + b.lengthBytes) / grainBytes),
  ];
  return a.offsetBytes < to * grainBytes && a.offsetBytes + a.lengthBytes > from * grainBytes;
}

function violation(
  evidence: Evidence,
  rule: Rule,
  { asked, end, text }: Request,
  is: GuestFact['is'],
): Violation {
  const facts: GuestFact = {
    shape: 'guest',
    is,
    op: asked.op.op,
    said: text,
    busy: busyTypesAt(evidence, end),
  };
  return { rule, at: end, ...(asked.step === undefined ? {} : { step: asked.step }), facts };
}
