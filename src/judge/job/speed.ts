import { mirrorsOntoNode } from '../../model/job-start.ts';
import type { QmpEvent } from '../../qmp/message.ts';
import type { Disk } from '../../sequence/arena.ts';
import type { Json } from '../../sequence/step.ts';
import type { Observation } from '../../trace/observation.ts';
import { nowhere, type Place } from '../../trace/place.ts';
import type { Ledger } from '../ledger.ts';
import type { Evidence, Exchange } from '../reading/evidence.ts';
import { eventsNamed, type JobHistory, jobsOf, who } from '../reading/job-histories.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';
import type { WhyUndecided } from '../why-undecided.ts';

const limited: Rule = {
  name: 'state/speed-limit',
  kind: 'state',
  statement:
    'A mirror of a disk full of data, started with a speed, copies no faster: it takes at least (len - two lumps) / speed to get ready. Not judged where anything else touched the job or its source.',
  source:
    'qapi/block-core.json (QEMU 10.0), blockdev-mirror: "the maximum speed, in bytes per second"; up to 7.2 a drain wakes a limited job early; include/qemu/ratelimit.h: a slice is 100 ms and lets one byte through at least; block/mirror.c, mirror_iteration: a lump is buf-size rounded up to the granularity, and what is zero or unallocated costs nothing',
  since: '10.0',
};

const defaultBufferBytes = 16 * 2 ** 20;
/** By default it follows the target's clusters, up to this (block/dirty-bitmap.c). */
const largestDefaultGranularity = 65_536;
/** A byte in each slice of 100 ms. */
export const leastBytesPerSecond = 10;
/** The rate limiter's clock and QEMU's timestamps are read at different moments; a slice is 100 ms. */
const slackUs = 200_000;

/** Whether jobs outrun their limit. */
export const stateSpeed: RuleFamily = {
  rules: [limited],
  judge: (evidence, ledger) => jobsOf(evidence).lives.flatMap((life) => outruns(evidence, life, ledger)),
};

function outruns(evidence: Evidence, life: JobHistory, ledger: Ledger): Violation[] {
  const { trace, bySent } = evidence;
  const { speed } = life.options;
  const [created, running, ready] = life.statuses;
  const start = bySent.get(life.startedBy ?? -1);
  if (!speed) return [];
  if (created?.status !== 'created' || running?.status !== 'running' || ready?.status !== 'ready') return [];
  if (!start || !mirrorsOntoNode(start.name) || !copiesFullDisk(evidence, start)) return [];

  const [announced] = eventsNamed(life, 'BLOCK_JOB_READY');
  const len = announced?.data.len;
  const [begin, end] = [trace[running.at], trace[ready.at]];
  if (typeof len !== 'number' || begin?.kind !== 'event' || end?.kind !== 'event') return [];
  const perSecond = Math.max(speed, leastBytesPerSecond);
  const lump = Math.max(lumpBytes(start.args), perSecond / 10);
  const leastUs = ((len - 2 * lump) / perSecond) * 1e6 - slackUs;
  const tookUs = end.qemuUs - begin.qemuUs;
  if (leastUs <= 0) return [];
  const why =
    undecidedBy(evidence, start, ready.at) ??
    (tookUs < leastUs && !agrees(tookUs, begin, end) ? 'clocks' : undefined);
  if (why) ledger.undecided(limited, why);
  else if (tookUs >= leastUs) ledger.held(limited);
  else
    return [
      {
        rule: limited,
        at: ready.at,
        facts: {
          shape: 'figure',
          ...who(life),
          is: 'too fast',
          len,
          speed,
          tookMs: Math.round(tookUs / 1000),
          leastMs: Math.round(leastUs / 1000),
        },
      },
    ];
  return [];
}

/**
 * QEMU stamps events by the host's clock, which may be set meanwhile; ours runs evenly, and is read when we come to it,
 * which may be late. Only where both say the same is it what has passed.
 */
function agrees(tookUs: number, begin: QmpEvent & Observation, end: QmpEvent & Observation): boolean {
  if (begin.qemuUs < 0 || end.qemuUs < 0) return false;
  return Math.abs(end.us - begin.us - tookUs) <= slackUs;
}

/** What a mirror copies before it looks at its limit. */
export function lumpBytes({ 'buf-size': bufSize, granularity }: Record<string, Json>): number {
  const grain = typeof granularity === 'number' && granularity > 0 ? granularity : largestDefaultGranularity;
  const buffer = typeof bufSize === 'number' && bufSize > 0 ? bufSize : defaultBufferBytes;
  return Math.ceil(buffer / grain) * grain;
}

const sourceOf = ({ opened }: Evidence, { args }: Exchange): Disk | undefined =>
  opened.sequence.arena.disks.find(({ name }) => name === args.device);

/** Every byte of the source is data: a disk that the arena has filled. */
export const copiesFullDisk = (evidence: Evidence, start: Exchange): boolean =>
  start.args.sync === 'full' && sourceOf(evidence, start)?.fill === 'full';

function undecidedBy(evidence: Evidence, start: Exchange, readyAt: Place): WhyUndecided | undefined {
  if (!evidence.hasFreshImages) return "other QEMU's images";
  return isAlone(evidence, start, readyAt) && !mayHurry(evidence, start, readyAt) ? undefined : 'touched';
}

/** Nothing but this start names its source. */
export function isAlone(evidence: Evidence, start: Exchange, until: Place): boolean {
  const disk = sourceOf(evidence, start);
  return evidence.exchanges.every(
    (other) =>
      other === start ||
      other.step === undefined ||
      other.sent > until ||
      (other.name !== 'block-commit' && !JSON.stringify(other.args).includes(`${disk?.name}`)),
  );
}

/** Guests add to what is copied, and these commands may lift the limit or cut its sleep short. */
function mayHurry({ trace, exchanges }: Evidence, start: Exchange, until: Place): boolean {
  const unread = trace
    .slice(0, until)
    .some(({ kind }) => kind === 'raw-sent' || kind === 'guest-begin' || kind === 'fault');
  return (
    unread ||
    exchanges.some(
      ({ name, sent, reply = nowhere }) =>
        sent < until && reply > start.sent && /set-speed|pause|change|human-monitor/.test(name),
    )
  );
}
