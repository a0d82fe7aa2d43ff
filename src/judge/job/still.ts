import type { Json } from '../../sequence/step.ts';
import { asPlace, type Place } from '../../trace/place.ts';
import type { Ledger } from '../ledger.ts';
import type { Evidence } from '../reading/evidence.ts';
import { type JobHistory, jobsOf, who } from '../reading/job-histories.ts';
import { mayBeWritten } from '../reading/writers-beside.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';

const still: Rule = {
  name: 'state/paused-stands-still',
  kind: 'state',
  statement:
    'While a job is paused its offset does not move, unless the guest or another job writes: a backup and a write-blocking mirror copy those writes even then.',
  source: 'qapi/job.json (QEMU 10.0), JobStatus: "The job is running, but paused."; job.c, job_pause_point',
};
/** What a job must not do while it is paused. */
export const stateStill: RuleFamily = {
  rules: [still],
  judge: (evidence, ledger) => jobsOf(evidence).lives.flatMap((life) => pausedMoves(evidence, life, ledger)),
};

/** Two queries within one pause must show the same offset. */
function pausedMoves(evidence: Evidence, life: JobHistory, ledger: Ledger): Violation[] {
  const found: Violation[] = [];
  for (const [i, { at: begin, status }] of life.statuses.entries()) {
    if (status !== 'paused') continue;
    const end = life.statuses[i + 1]?.at ?? evidence.trace.length;
    let first: number | undefined;
    for (let i = begin + 1; i < end; i++) {
      const at = asPlace(i);
      const exchange = evidence.byReply.get(at);
      if (!exchange || exchange.notBefore < begin) continue;
      const offset = offsetShown(evidence, at, life.id);
      if (offset === undefined) continue;
      if (first === undefined) {
        first = offset;
        continue;
      }
      if (offset === first) ledger.held(still);
      else {
        if (mayBeWritten(evidence, life, begin, at)) {
          ledger.undecided(still, 'others write');
          break;
        }
        const moved = { is: 'moved while paused', before: first, offset } as const;
        found.push({ rule: still, at, facts: { shape: 'figure', ...who(life), ...moved } });
        break;
      }
    }
  }
  return found;
}

function offsetShown({ trace, byReply }: Evidence, at: Place, id: string): number | undefined {
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
