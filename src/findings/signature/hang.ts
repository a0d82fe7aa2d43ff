import { wordsOf } from '../../judge/facts/words.ts';
import type { Violation } from '../../judge/rule.ts';
import type { Json } from '../../sequence/step.ts';
import type { Trace } from '../../trace/observation.ts';
import { busyJobTypes, endingJobs, liveJob, liveJobs } from './jobs.ts';
import { ownNames } from './names.ts';
import { plainWords } from './words.ts';

/** Of a job that its resume does not bring to go on, whatever job that is. */
export const standsStill = 'hang/resume: job JOB was resumed, and still stands';

/** What did not end, and of which job in which status. */
export function hangWords(violation: Violation, trace: Trace): string {
  const { at } = violation;
  const text = wordsOf(violation);
  const seen = trace[at];
  if (seen?.kind !== 'expired')
    return plainWords(text.replace(/(paused|standby) \d+ ms later/, 'still stands'), ownNames(trace));
  switch (seen.what) {
    case 'command':
      return command(trace, at, seen.id);
    case 'guest':
      return `guest ${guestOp(trace, seen.id)}${beside(liveJobs(trace, at))}`;
    case 'settle':
    case 'quit':
      return `${seen.what}${beside(liveJobs(trace, at))}`;
    default:
      return seen satisfies never;
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

function guestOp(trace: Trace, request: Json | undefined): string {
  const begin = trace.find((seen) => seen.kind === 'guest-begin' && seen.request === request);
  return begin?.kind === 'guest-begin' ? begin.op.op : 'request';
}
