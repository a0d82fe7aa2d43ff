import { isJobStart } from '../../model/job-start.ts';
import { cardOf, isQuestion } from '../../qemu/cards.ts';
import { isJsonObject, type JsonObject } from '../../sequence/json-object.ts';
import { nowhere, opening, type Place } from '../../trace/place.ts';
import type { Fact } from '../facts/fact.ts';
import { type Evidence, type Exchange, replyOf } from '../reading/evidence.ts';
import { type JobHistory, jobsOf } from '../reading/job-histories.ts';
import { disturbancesOf } from '../reading/undecided-from.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';
import { type Cause, earliest } from '../why-undecided.ts';

const failedStays: Rule = {
  name: 'state/failed-stays',
  kind: 'state',
  statement:
    'A job that ended with an error, or was cancelled, has not moved the guest: exports stand on the node that they stood on before it began.',
  source:
    'we expect it: an operation that has failed has moved nobody: tests/qemu-iotests/041, test_failing_permission_in_complete: the source keeps its users; block/mirror.c, mirror_exit_common: replaces only where nothing failed',
};

/** Judged by query-block-exports, as long as there was one job only and no other command that moves exports. */
export const stateFailedStays: RuleFamily = {
  rules: [failedStays],
  judge(evidence, ledger) {
    const { lives } = jobsOf(evidence);
    const life = lives.find((each) => failed(each) !== undefined);
    const failedAt = life && failed(life);
    if (!life || failedAt === undefined) return [];
    const until = earliest(disturbancesOf(evidence).either, firstMove(evidence));
    const stood = placesBefore(evidence, life.entries[0]?.at ?? opening);
    return evidence.exchanges.flatMap((exchange): Violation[] => {
      const { name, notBefore, reply: at = nowhere } = exchange;
      if (name !== 'query-block-exports' || exchange.oob || notBefore < failedAt) return [];
      return shown(evidence, exchange).flatMap(({ id, 'node-name': node }): Violation[] => {
        const before = stood.get(`${id}`);
        if (before === undefined) return [];
        if (lives.length > 1 || at > until.from || before === node) {
          if (lives.length > 1) ledger.undecided(failedStays, 'several jobs');
          else if (at > until.from) ledger.undecided(failedStays, until);
          else ledger.held(failedStays);
          return [];
        }
        const facts: Fact = {
          shape: 'shown',
          query: name,
          what: 'place',
          export: `${id}`,
          on: `${node}`,
          not: before,
          failed: life.id,
        };
        return [{ rule: failedStays, at, facts }];
      });
    });
  },
};

/** Where its failure was over: its filter is gone by then. */
function failed({ entries, statuses }: JobHistory): number | undefined {
  const end = entries.find(
    (entry) => entry.kind === 'event' && /^BLOCK_JOB_(COMPLETED|CANCELLED)$/.test(entry.name),
  );
  if (end?.kind !== 'event' || (end.name === 'BLOCK_JOB_COMPLETED' && end.data.error === undefined))
    return undefined;
  return statuses.find(({ status }) => status === 'concluded')?.at;
}

function placesBefore(evidence: Evidence, at: Place): Map<string, string> {
  const added = evidence.exchanges.filter(
    (exchange) =>
      exchange.name === 'block-export-add' &&
      (exchange.reply ?? at) < at &&
      !replyOf(evidence, exchange)?.error,
  );
  return new Map(added.map(({ args }) => [`${args.id}`, `${args['node-name']}`]));
}

/** A refused command moves nothing either. */
function firstMove(evidence: Evidence): Cause {
  const move = evidence.exchanges.find(
    (exchange) =>
      !isJobStart(exchange.name) && !movesNoExport(exchange.name) && !replyOf(evidence, exchange)?.error,
  );
  return { why: 'graph unknown', from: move?.sent ?? nowhere };
}

function movesNoExport(command: string): boolean {
  if (isQuestion(command) || elsewhere.has(command)) return true;
  const { verb, change } = cardOf(command) ?? {};
  switch (change?.kind) {
    case 'adds node':
    case 'deletes node':
    case 'reopens':
    case 'bitmap':
      return true;
    case 'export':
      return change.does === 'add';
    case 'nbd server':
      return change.is === 'running';
    default:
      return verb !== undefined;
  }
}

const elsewhere: ReadonlySet<string> = new Set(['object-add', 'object-del', 'human-monitor-command']);

function shown(evidence: Evidence, exchange: Exchange): JsonObject[] {
  const listed = replyOf(evidence, exchange)?.return;
  return Array.isArray(listed) ? listed.filter(isJsonObject) : [];
}
