import type { LackingFact } from '../../judge/facts/lacking.ts';
import type { Json } from '../../sequence/step.ts';
import type { Trace } from '../../trace/observation.ts';
import { busyJobTypes, endingJobs, liveJob, liveJobs } from './jobs.ts';

/** Every way in which a job may stand still after its resume. */
export const standingStill: readonly string[] = ['mirror', 'backup', 'commit', 'stream', 'job'].flatMap(
  (type) =>
    (['paused', 'standby'] as const).flatMap((status) =>
      (['user', 'error'] as const).map((by) => `hang/resume: ${standsStill(type, status, by)}`),
    ),
);

/** What did not come, and of which job in which status. */
export function lackingSignature(facts: LackingFact, at: number, trace: Trace): string {
  switch (facts.what) {
    case 'reply': {
      const seen = trace[at];
      return command(trace, at, seen?.kind === 'expired' ? seen.id : undefined);
    }
    case 'settling':
      return `settle${beside(liveJobs(trace, at))}`;
    case 'quit':
      return `quit${beside(liveJobs(trace, at))}`;
    case 'resume':
      return standsStill(facts.type ?? 'job', facts.status, facts.pausedBy);
    case 'progress':
      return `${facts.type ?? 'job'} running`;
    case 'guest request':
      return `the guest's requests${facts.since ? ` after ${facts.since.command}, ${facts.since.refused ? 'refused' : 'accepted'}` : ''}`;
    case 'lock':
      return 'an image that is open for writing';
    default:
      return facts satisfies never;
  }
}

function command(trace: Trace, at: number, id: Json | undefined): string {
  const sent = trace.find(
    (seen) => seen.kind === 'command' && JSON.stringify(seen.id) === JSON.stringify(id),
  );
  if (sent?.kind !== 'command') return 'a command';
  // Then the command only came next: the main loop stands still in the middle of the job's end.
  const ending = endingJobs(trace, at);
  if (ending !== '') return `the main loop with ${ending}`;
  const job = sent.args.device ?? sent.args.id;
  const named = typeof job === 'string' ? liveJob(trace, at, job) : undefined;
  return named === undefined ? `${sent.name}${beside(busyJobTypes(trace, at))}` : `${sent.name} of ${named}`;
}

const beside = (jobs: string): string => (jobs === '' ? '' : ` with ${jobs}`);

function standsStill(type: string, status: string, by: 'user' | 'error'): string {
  return `${type} ${status}, paused by ${by === 'user' ? 'its user' : 'an error'}, stands still`;
}
