import type { Fact } from '../facts/fact.ts';
import type { Ledger } from '../ledger.ts';
import type { Evidence } from '../reading/evidence.ts';
import { eventsNamed, type JobHistory, jobsOf, who } from '../reading/job-histories.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';

const reported: Rule = {
  name: 'state/reported-error-fails',
  kind: 'state',
  statement:
    'A job that has reported an error by its policy does not complete without one: it names an error, or is cancelled.',
  source:
    'qapi/block-core.json (QEMU 10.0), BlockdevOnError: "for guest operations, report the error to the guest; for jobs, cancel the job"; every type of job does so with the error as its own',
};
const neverReady: Rule = {
  name: 'state/reported-error-ends',
  kind: 'state',
  statement:
    'A job that has reported an error by its policy does not get ready after that. Not judged where guests write to the target themselves (write-blocking).',
  source:
    'qapi/block-core.json (QEMU 10.0), BlockdevOnError: "for guest operations, report the error to the guest; for jobs, cancel the job"; block/mirror.c: the error is looked at before anything else is copied',
};
const streamed: Rule = {
  name: 'state/ignored-error-of-stream',
  kind: 'state',
  statement: 'A stream that has ignored an error does not complete without one.',
  source:
    'qapi/block-core.json (QEMU 10.0), BlockdevOnError: "The stream block job continues to stream and will complete with an error."',
};

/** What a job announces by BLOCK_JOB_ERROR is followed to the job's end. */
export const stateAnnouncedActions: RuleFamily = {
  rules: [reported, neverReady, streamed],
  judge: (evidence, ledger) =>
    jobsOf(evidence).lives.flatMap((life) => [
      ...getsReady(evidence, life, ledger),
      ...endsWell(life, ledger),
    ]),
};

function getsReady({ exchanges }: Evidence, life: JobHistory, ledger: Ledger): Violation[] {
  const [error] = eventsNamed(life, 'BLOCK_JOB_ERROR').filter(({ data }) => data.action === 'report');
  if (!error) return [];
  const ready = eventsNamed(life, 'BLOCK_JOB_READY').find(({ at }) => at > error.at);
  if (!ready) ledger.held(neverReady);
  else if (JSON.stringify(exchanges.map(({ args }) => args)).includes('write-blocking'))
    ledger.undecided(neverReady, 'others write');
  else {
    const facts: Fact = { shape: 'outcome', ...who(life), is: 'ready in spite of a report' };
    return [{ rule: neverReady, at: ready.at, facts }];
  }
  return [];
}

function endsWell(life: JobHistory, ledger: Ledger): Violation[] {
  const [end] = [...eventsNamed(life, 'BLOCK_JOB_COMPLETED'), ...eventsNamed(life, 'BLOCK_JOB_CANCELLED')];
  if (!end) return [];
  const announced = eventsNamed(life, 'BLOCK_JOB_ERROR').filter(({ at }) => at < end.at);
  const isWell = end.name === 'BLOCK_JOB_COMPLETED' && end.data.error === undefined;
  const has = (action: string): boolean => announced.some(({ data }) => data.action === action);
  const found: Violation[] = [];
  const rule = (which: Rule, action: 'report' | 'ignore'): void => {
    if (!isWell) ledger.held(which);
    else {
      const facts: Fact = { shape: 'outcome', ...who(life), is: 'completed in spite of an error', action };
      found.push({ rule: which, at: end.at, facts });
    }
  };
  if (has('report')) rule(reported, 'report');
  if (has('ignore')) {
    if (life.options.type === 'stream') rule(streamed, 'ignore');
    else if (life.options.type === undefined) ledger.undecided(streamed, 'start unseen');
  }
  return found;
}
