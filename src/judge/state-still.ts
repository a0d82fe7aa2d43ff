import type { Json } from '../sequence/step.ts';
import type { Evidence } from './evidence.ts';
import { type JobHistory, jobsOf } from './job-histories.ts';
import type { Rule, RuleFamily, Violation } from './rule.ts';

const still: Rule = {
  name: 'state/paused-stands-still',
  kind: 'state',
  statement:
    'While a job is paused its offset does not move, unless the guest or another job writes: a backup and a write-blocking mirror copy those writes even then.',
  source:
    'qapi/job.json, JobStatus paused: "The job has been paused by the user or an error policy"; job.c, job_pause_point',
  versions: '5.2, 7.2, 10.0, 11.1',
};
const limited: Rule = {
  name: 'state/speed-limit',
  kind: 'state',
  statement:
    'A job started with a speed copies no faster: it takes at least (len - one slice) / speed to get ready or done.',
  source:
    'qapi/block-core.json, speed: "maximum speed, in bytes per second"; include/qemu/ratelimit.h: a slice is 100 ms, and a mirror moves in lumps of its buffer (16 MiB by default; by measurement)',
  versions: '10.0, 11.1',
};

/** What a job must not do: move while paused, outrun its limit. */
export const stateStill: RuleFamily = {
  rules: [still, limited],
  judge: (evidence) =>
    jobsOf(evidence).lives.flatMap((life) => [...pausedMoves(evidence, life), ...outruns(evidence, life)]),
};

/** Two queries within one pause must show the same offset. */
function pausedMoves(evidence: Evidence, life: JobHistory): Violation[] {
  const found: Violation[] = [];
  for (const [i, { at: begin, status }] of life.statuses.entries()) {
    if (status !== 'paused') continue;
    const end = life.statuses[i + 1]?.at ?? evidence.trace.length;
    let first: number | undefined;
    for (let at = begin + 1; at < end; at++) {
      const exchange = evidence.byReply.get(at);
      if (!exchange || exchange.notBefore < begin) continue;
      const offset = offsetShown(evidence, at, life.id);
      if (offset === undefined) continue;
      first ??= offset;
      if (offset !== first) {
        if (mayBeWritten(evidence, life, begin, at)) break;
        found.push({ rule: still, at, text: `job ${life.id}: offset ${first} -> ${offset} while paused` });
        break;
      }
    }
  }
  return found;
}

/** Whether someone may have written to the job's source by then: a guest, raw bytes, HMP, or a job beside it. */
function mayBeWritten(evidence: Evidence, life: JobHistory, begin: number, end: number): boolean {
  const written = evidence.trace
    .slice(0, end)
    .some(
      (seen) =>
        seen.kind === 'guest-begin' ||
        seen.kind === 'raw-sent' ||
        (seen.kind === 'command' && seen.name === 'human-monitor-command'),
    );
  const beside = jobsOf(evidence).lives.some((other) => {
    const last = other.statuses.at(-1);
    const over = last?.status === 'null' || last?.status === 'concluded';
    return other !== life && (other.entries[0]?.at ?? 0) < end && !(over && last.at < begin);
  });
  return written || beside;
}

function offsetShown({ trace, byReply }: Evidence, at: number, id: string): number | undefined {
  const seen = trace[at];
  if (byReply.get(at)?.name !== 'query-block-jobs' || seen?.kind !== 'reply' || !Array.isArray(seen.return))
    return undefined;
  const entry = seen.return.find(
    (each: Json) => each !== null && typeof each === 'object' && !Array.isArray(each) && each.device === id,
  );
  const offset =
    entry !== null && typeof entry === 'object' && !Array.isArray(entry) ? entry.offset : undefined;
  return typeof offset === 'number' ? offset : undefined;
}

const defaultBufferBytes = 16 * 2 ** 20;
/** The rate limiter's clock and QEMU's timestamps are read at different moments; a slice is 100 ms. */
const slackUs = 200_000;

/**
 * Up to 7.2 a drain or a pause and resume wakes a limited job early, so older versions are not
 * judged, nor a job that was paused, drained or given another speed.
 */
function outruns(evidence: Evidence, life: JobHistory): Violation[] {
  const { speed, type, bufSizeBytes } = life.options;
  const major = Number(evidence.opened.qemu.version.split('.')[0]);
  if (!speed || major < 10 || type !== 'mirror') return [];
  const [created, running, ready] = life.statuses;
  if (created?.status !== 'created' || running?.status !== 'running' || ready?.status !== 'ready') return [];
  const touched = evidence.trace
    .slice(created.at, ready.at)
    .some(
      (seen) =>
        seen.kind === 'raw-sent' ||
        (seen.kind === 'command' && /set-speed|pause|human-monitor/.test(seen.name)),
    );
  const announced = life.entries.find((entry) => entry.kind === 'event' && entry.name === 'BLOCK_JOB_READY');
  const begin = evidence.trace[running.at];
  const end = evidence.trace[ready.at];
  if (touched || announced?.kind !== 'event' || begin?.kind !== 'event' || end?.kind !== 'event') return [];
  const { len } = announced.data;
  if (typeof len !== 'number') return [];
  const lump = Math.max(bufSizeBytes || defaultBufferBytes, speed / 10);
  const leastUs = ((len - 2 * lump) / speed) * 1e6 - slackUs;
  const tookUs = end.qemuUs - begin.qemuUs;
  if (tookUs >= leastUs) return [];
  return [
    {
      rule: limited,
      at: ready.at,
      text: `job ${life.id}: ${len} bytes at ${speed} bytes/s took ${Math.round(tookUs / 1000)} ms, at least ${Math.round(leastUs / 1000)} ms are due`,
    },
  ];
}
