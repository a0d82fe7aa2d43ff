import type { Fact } from '../facts/fact.ts';
import type { Reason } from '../facts/reason.ts';
import { gotOf } from '../facts/reply.ts';
import { free } from '../graph/starts.ts';
import { type Evidence, type Exchange, replyOf } from '../reading/evidence.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';
import { findPlainMirror } from './plain-mirror.ts';
import { stepOf } from './refusal.ts';

const query: Rule = {
  name: 'validation/must-accept-query',
  kind: 'validation',
  statement:
    'A query without arguments that only tells what is there succeeds, whatever jobs and nodes are there.',
  source:
    'we expect it: qapi/job.json, qapi/block-core.json, qapi/misc.json and qapi/introspect.json name no error for these queries',
};
/** What must be accepted, in the cases where nothing can stand in its way. */
export const mustAccept: RuleFamily = {
  rules: [query],
  judge(evidence) {
    const start = findPlainMirror(evidence);
    return [
      ...evidence.exchanges
        .filter(isPlainQuery)
        .flatMap((exchange) => mustSucceed(evidence, exchange, query, { is: 'only asks' })),
      ...(start ? mustSucceed(evidence, start, free, freeTarget(start)) : []),
    ];
  },
};

const freeTarget = ({ args }: Exchange): Reason => ({
  is: 'free target',
  node: String(args.device),
  target: String(args.target),
});

function mustSucceed(evidence: Evidence, exchange: Exchange, rule: Rule, why: Reason): Violation[] {
  const error = replyOf(evidence, exchange)?.error;
  const { name, reply: at } = exchange;
  if (!error || at === undefined) return [];
  // Two dozen commands differ between builds; whether the binary has one is another rule's matter.
  if (error.class === 'CommandNotFound' && !evidence.schema?.commands.has(name)) return [];
  const facts: Fact = { shape: 'reply', command: name, why, due: ['success'], got: gotOf({ error }) };
  return [{ rule, at, ...stepOf(exchange), facts }];
}

/** Not query-block and query-named-block-nodes: these ask the images, whose storage may be broken. */
const plainQueries: ReadonlySet<string> = new Set([
  'query-jobs',
  'query-block-jobs',
  'query-block-exports',
  'query-version',
  'query-commands',
  'query-qmp-schema',
  'query-status',
  'query-name',
  'query-iothreads',
]);

function isPlainQuery({ name, args, oob }: Exchange): boolean {
  return !oob && plainQueries.has(name) && Object.keys(args).length === 0;
}
