import type { Disk, Inject } from '../../sequence/arena.ts';
import type { GuestOp } from '../../trace/observation.ts';
import type { GuestFact } from '../facts/guest.ts';
import type { Ledger } from '../ledger.ts';
import { armedErrorsOf } from '../reading/armed-errors.ts';
import type { Evidence } from '../reading/evidence.ts';
import { jobsOf } from '../reading/job-histories.ts';
import { busyTypesAt } from '../reading/live-jobs.ts';
import { disturbancesOf } from '../reading/undecided-from.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';
import { type Filter, filterOf, isQuiet, type Request, writesOf } from './cbw-filter.ts';
import { isGoing, noRoom } from './guest-error.ts';

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
const notBefore: Rule = {
  name: 'state/cbw-timeout-over',
  kind: 'state',
  statement:
    "Under on-cbw-error=break-guest-write with a cbw-timeout a guest's write through a copy-before-write filter does not fail before that time is over. Judged where nothing but limits is done to the disks, and no other request was under way.",
  source:
    'qapi/block-core.json (QEMU 10.0), BlockdevOptionsCbw: "Non-zero sets the timeout in seconds for copy-before-write operation."; what is slow alone does not fail, so that nothing but the timeout is left',
  since: '7.2',
};

/** What a guest sees of a filter that can't save what its write is about to overwrite. */
export const cbwErrors: RuleFamily = {
  rules: [goesOn, isRefused, notBefore],
  judge(evidence, ledger) {
    const filter = filterOf(evidence.opened.sequence.arena);
    if (!filter || !isQuiet(evidence) || evidence.trace.some(({ kind }) => kind === 'expired')) return [];
    const requests = writesOf(evidence, filter.source.name);
    const judged = filter.breaks === 'snapshot' ? [judgeGoingOn] : [judgeRefused, judgeInTime];
    return requests.flatMap((request) =>
      judged.flatMap((judge) => judge(evidence, filter, requests, request, ledger)),
    );
  },
};

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

const judgeInTime: Judge = (evidence, filter, requests, request, ledger) => {
  const { source, target, timeoutSeconds } = filter;
  const { asked, begin, end, result } = request;
  if (timeoutSeconds === 0 || armedErrorsOf(evidence).all.length > 0 || !hasRoom(source, target)) return [];
  if (result === 'ok') {
    ledger.held(notBefore);
    return [];
  }
  const cause = disturbancesOf(evidence).either;
  const tookMs = ((evidence.trace[end]?.us ?? 0) - (evidence.trace[begin]?.us ?? 0)) / 1000;
  // QEMU's clock starts later than ours.
  if (tookMs >= timeoutSeconds * 1000) ledger.held(notBefore);
  else if (cause.from < end) ledger.undecided(notBefore, cause);
  else if (isGoing(evidence, end)) ledger.undecided(notBefore, 'QEMU ends');
  else if (result !== 'error' || noRoom.test(request.text) || isBeyond(asked.op, source))
    ledger.undecided(notBefore, 'error unknown');
  else if (requests.some((other) => other.begin < begin && other.end > begin))
    ledger.undecided(notBefore, 'waits behind another');
  else return [violation(evidence, notBefore, request, 'failed')];
  return [];
};

/** Whether all of a disk can be saved on another, as far as one can see: local files, and nothing between but limits. */
const hasRoom = (source: Disk, target: Disk): boolean =>
  target.sizeBytes >= source.sizeBytes &&
  [source, target].every(
    ({ storage = 'file', readOnly, layers = [] }) =>
      storage === 'file' && readOnly !== true && layers.every((layer) => 'throttle' in layer),
  );

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
