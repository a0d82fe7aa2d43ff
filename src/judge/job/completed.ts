import { opening } from '../../trace/place.ts';
import type { Ledger } from '../ledger.ts';
import type { Evidence } from '../reading/evidence.ts';
import { eventsNamed, type JobHistory, jobsOf, metError, who } from '../reading/job-histories.ts';
import { mayHaveRun } from '../reading/verbs-on.ts';
import { mayBeWritten } from '../reading/writers-beside.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';

const atLen: Rule = {
  name: 'state/completed-at-len',
  kind: 'state',
  statement:
    'A job that completes without an error has come to its end: its offset equals its len. Also where a guest wrote meanwhile, or errors were ignored or resumed from: what was dirtied is copied before. Not judged of these: a mirror or commit that was cancelled softly.',
  source:
    'qapi/block-core.json (QEMU 10.0), BLOCK_JOB_COMPLETED: "On success this is equal to len."; 1,194 of 1,194 recorded jobs, 612 of them under writes',
};

const short: Rule = {
  name: 'state/reported-error-short',
  kind: 'state',
  statement:
    'A job that a read error has ended, reported by its policy, has not come to its end: its offset is less than its len. (A write that fails may be a flush, when all is copied.)',
  source:
    'qapi/block-core.json (QEMU 10.0), BLOCK_JOB_COMPLETED: "On failure this is less than len"; what could not be read is not counted: tried with every job on 5.2 to 11.1',
};

/** How far jobs have come when they say that they are done. */
export const stateCompleted: RuleFamily = {
  rules: [atLen, short],
  judge: (evidence, ledger) =>
    jobsOf(evidence).lives.flatMap((life) => [
      ...endsEarly(evidence, life, ledger),
      ...failsAtEnd(life, ledger),
    ]),
};

function failsAtEnd(life: JobHistory, ledger: Ledger): Violation[] {
  const [end] = eventsNamed(life, 'BLOCK_JOB_COMPLETED');
  if (!end || end.data.error === undefined) return [];
  const wasRead = eventsNamed(life, 'BLOCK_JOB_ERROR').some(
    ({ at, data }) => at < end.at && data.action === 'report' && data.operation === 'read',
  );
  const { offset, len } = end.data;
  if (!wasRead || typeof offset !== 'number' || typeof len !== 'number') return [];
  if (offset < len) {
    ledger.held(short);
    return [];
  }
  return [
    {
      rule: short,
      at: end.at,
      facts: { shape: 'figure', ...who(life), is: 'failed at its end', offset, len },
    },
  ];
}

function endsEarly(evidence: Evidence, life: JobHistory, ledger: Ledger): Violation[] {
  const [end] = eventsNamed(life, 'BLOCK_JOB_COMPLETED');
  if (!end || end.data.error !== undefined) return [];
  const { offset, len } = end.data;
  if (typeof offset !== 'number' || typeof len !== 'number') return [];
  if (offset === len) {
    ledger.held(atLen);
    return [];
  }
  const begin = life.entries[0]?.at ?? opening;
  const chases =
    life.options.type !== 'backup' &&
    life.options.type !== 'stream' &&
    mayHaveRun(evidence, life.id, ['cancel'], begin, end.at);
  if (life.statuses.some(({ status }) => status === 'aborting')) return []; // that is a matter of its own
  const excuse =
    chases && metError(life)
      ? 'error met'
      : chases && mayBeWritten(evidence, life, begin, end.at)
        ? 'others write'
        : undefined;
  if (excuse) {
    ledger.undecided(atLen, excuse);
    return [];
  }
  return [
    { rule: atLen, at: end.at, facts: { shape: 'figure', ...who(life), is: 'completed early', offset, len } },
  ];
}
