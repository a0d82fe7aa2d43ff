import type { Moment } from '../../generate/aim.ts';
import type { Evidence } from '../../judge/reading/evidence.ts';
import type { JobStatus } from '../../qemu/job-statuses.ts';
import type { QmpSchema } from '../../qmp/schema.ts';
import type { Trace } from '../../trace/observation.ts';
import { evidencesOf, noteStatus, statusesOf } from './coverage.ts';

/**
 * The first moment of each combination of statuses, no jobs at all left out. None of a sequence in another time's words,
 * and none where images are read: what the odd commands that come in would leave in them is mostly undecided.
 */
export function jobStatusMoments(trace: Trace, schema?: QmpSchema): Moment[] {
  const sequence = trace[0]?.kind === 'opened' ? trace[0].sequence : undefined;
  if (sequence?.dialect !== undefined || sequence?.after?.length) return [];
  const moments = new Map<string, Moment>();
  for (const evidence of evidencesOf(trace, schema)) collect(evidence, moments);
  return [...moments.values()];
}

function collect({ trace }: Evidence, moments: Map<string, Moment>): void {
  const live = new Map<string, JobStatus>();
  for (const seen of trace) {
    noteStatus(live, seen);
    if (seen.kind !== 'step' || live.size === 0) continue;
    const label = statusesOf(live.values());
    if (!moments.has(label)) moments.set(label, { step: seen.step, jobs: Object.fromEntries(live) });
  }
}
