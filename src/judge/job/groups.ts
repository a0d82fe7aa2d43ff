import type { Fact } from '../facts/fact.ts';
import type { Evidence } from '../reading/evidence.ts';
import { type JobHistory, jobsOf } from '../reading/job-histories.ts';
import { disturbancesOf } from '../reading/undecided-from.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';
import { isEnding } from './transitions.ts';

const together: Rule = {
  name: 'state/group-ends-together',
  kind: 'state',
  statement: 'Jobs of a transaction with completion-mode grouped all complete, or none does.',
  source:
    'qapi/transaction.json (QEMU 10.0), ActionCompletionMode: "If any Action fails after the Transaction succeeds, cancel all Actions."; job.c, job_completed_txn_abort; failures and cancels of either member tried',
};

/** Transactions of jobs. */
export const stateGroups: RuleFamily = {
  rules: [together],
  judge(evidence, ledger) {
    const { endAsked } = disturbancesOf(evidence);
    return [...groups(evidence).values()].flatMap((lives): Violation[] => {
      const endings = lives.flatMap(({ id, options: { type }, entries }) => {
        const end = entries.find((entry) => entry.kind === 'event' && isEnding(entry.name));
        return end?.kind === 'event'
          ? [
              {
                id,
                type,
                at: end.at,
                completed: end.name === 'BLOCK_JOB_COMPLETED' && end.data.error === undefined,
              },
            ]
          : [];
      });
      const completed = endings.filter((end) => end.completed);
      const failed = endings.filter((end) => !end.completed);
      const [good] = completed;
      const [bad] = failed;
      if (endings.length < 2) return [];
      if (!good || !bad) {
        ledger.held(together);
        return [];
      }
      if (endings.some(({ at }) => at > endAsked.from)) {
        ledger.undecided(together, endAsked);
        return [];
      }
      const facts: Fact = { shape: 'outcome', job: good.id, type: good.type, is: 'group', other: bad.id };
      return [{ rule: together, at: good.at > bad.at ? good.at : bad.at, facts }];
    });
  },
};

/** The jobs that one grouped transaction created. */
function groups(evidence: Evidence): Map<number, JobHistory[]> {
  const bySent = new Map<number, JobHistory[]>();
  for (const life of jobsOf(evidence).lives) {
    if (!life.options.grouped || life.startedBy === undefined) continue;
    const known = bySent.get(life.startedBy);
    if (known) known.push(life);
    else bySent.set(life.startedBy, [life]);
  }
  return bySent;
}
