import { possibleNames } from '../../model/names.ts';
import type { Json } from '../../sequence/step.ts';
import type { Place } from '../../trace/place.ts';
import type { Fact } from '../facts/fact.ts';
import { type Evidence, replyOf } from '../reading/evidence.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';
import { type JobLives, jobLives } from './job-lives.ts';
import { stepOf } from './refusal.ts';
import { givenId, type Start, startsOf } from './start-commands.ts';

const leavesNothingRule: Rule = {
  name: 'validation/leaves-nothing',
  kind: 'validation',
  statement:
    'A start that is refused starts nothing: a job created in its course is gone (null) before the error comes, no query lists a job of that id, and no node has the name it would have given.',
  source:
    'we expect it: a command that was answered by an error has done nothing; `created null` before the error as observed on these versions',
};

/** What refused starts have left behind; undecided where raw bytes may have made it. */
export const leavesNothing: RuleFamily = {
  rules: [leavesNothingRule],
  judge(evidence, ledger) {
    const refused = startsOf(evidence.exchanges).filter(
      (start) => !start.exchange.oob && replyOf(evidence, start.exchange)?.error,
    );
    if (refused.length === 0) return [];
    const raw = evidence.trace.findIndex(({ kind }) => kind === 'raw-sent');
    if (raw !== -1) {
      for (const _ of refused) ledger.undecided(leavesNothingRule, { why: 'raw bytes', from: raw });
      return [];
    }
    const lives = jobLives(evidence.trace);
    const started = refused.flatMap((start) => jobStarted(start, lives));
    ledger.held(leavesNothingRule, refused.length - started.length);
    return [...started, ...jobsListed(evidence, refused, lives), ...nodesListed(evidence, refused)];
  },
};

/** Between the reply before and this one no other handler runs, so a job created there is this command's. */
function jobStarted(start: Start, lives: JobLives): Violation[] {
  const { name, notBefore, reply } = start.exchange;
  const id = givenId(start);
  if (id === undefined || reply === undefined || !lives.bornBetween(id, notBefore, reply)) return [];
  const facts: Fact = { shape: 'left', what: 'job of refused start', command: name, job: id };
  return [{ rule: leavesNothingRule, at: reply, ...stepOf(start.exchange), facts }];
}

function jobsListed(evidence: Evidence, refused: readonly Start[], lives: JobLives): Violation[] {
  const ids = new Set(refused.map(givenId));
  return ['query-jobs', 'query-block-jobs'].flatMap((query) =>
    listings(evidence, query, query === 'query-jobs' ? 'id' : 'device').flatMap(
      ({ at, names }): Violation[] =>
        names
          .filter((id) => ids.has(id) && !lives.everSeen(id, at))
          .map((id) => ({
            rule: leavesNothingRule,
            at,
            facts: { shape: 'shown', query, what: 'job', job: id, listed: true, why: 'start refused' },
          })),
    ),
  );
}

function nodesListed(evidence: Evidence, refused: readonly Start[]): Violation[] {
  const wanted = new Set(refused.flatMap(({ args }) => [args['filter-node-name'], args['node-name']]));
  wanted.delete(undefined);
  if (wanted.size === 0) return [];
  const byOthers = possibleNames(evidence.trace, new Set(refused.map(({ exchange }) => exchange.sent)));
  const found = listings(evidence, 'query-named-block-nodes', 'node-name').flatMap(({ at, names }) =>
    names.filter((name) => wanted.has(name) && !byOthers.mayExist(name, at)).map((name) => ({ at, name })),
  );
  return found.map(({ at, name }) => ({
    rule: leavesNothingRule,
    at,
    facts: {
      shape: 'shown',
      query: 'query-named-block-nodes',
      what: 'node',
      node: name,
      listed: true,
      why: 'start refused',
    },
  }));
}

/** The names in every reply to a query. */
function listings(evidence: Evidence, query: string, member: string): { at: Place; names: string[] }[] {
  return evidence.exchanges.flatMap((exchange) => {
    const list = exchange.name === query ? replyOf(evidence, exchange)?.return : undefined;
    if (!Array.isArray(list) || exchange.reply === undefined) return [];
    return [
      { at: exchange.reply, names: list.map((entry) => text(entry, member)).filter((name) => name !== '') },
    ];
  });
}

function text(entry: Json, member: string): string {
  const value =
    entry !== null && typeof entry === 'object' && !Array.isArray(entry) ? entry[member] : undefined;
  return typeof value === 'string' ? value : '';
}
