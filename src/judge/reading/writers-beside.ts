import { opening, type Place } from '../../trace/place.ts';
import type { Evidence } from './evidence.ts';
import { type JobHistory, jobsOf } from './job-histories.ts';

/**
 * Whether someone may have written to a job's source between two places, or in a request begun before: a guest, raw
 * bytes, HMP, or a job beside it.
 */
export function mayBeWritten(evidence: Evidence, life: JobHistory, begin: Place, end: Place): boolean {
  const written = evidence.trace
    .slice(0, end)
    .some(
      (seen) =>
        seen.kind === 'guest-begin' ||
        seen.kind === 'raw-sent' ||
        (seen.kind === 'command' &&
          seen.name === 'human-monitor-command' &&
          !/^(info|drive_add)\b/.test(String(seen.args['command-line']))),
    );
  const beside = jobsOf(evidence).lives.some((other) => {
    const last = other.statuses.at(-1);
    const over = last?.status === 'null' || last?.status === 'concluded';
    return other !== life && (other.entries[0]?.at ?? opening) < end && !(over && last.at < begin);
  });
  return written || beside;
}
