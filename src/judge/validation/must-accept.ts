import type { Fact } from '../facts/fact.ts';
import type { Reason } from '../facts/reason.ts';
import { gotOf } from '../facts/reply.ts';
import { free } from '../graph/starts.ts';
import type { Ledger } from '../ledger.ts';
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
  judge(evidence, ledger) {
    const start = findPlainMirror(evidence);
    return [
      ...evidence.exchanges
        .filter(isPlainQuery)
        .flatMap((exchange) =>
          mustSucceed(evidence, exchange, { rule: query, why: { is: 'only asks' } }, ledger),
        ),
      ...(start ? mustSucceed(evidence, start, { rule: free, why: freeTarget(start) }, ledger) : []),
    ];
  },
};

const freeTarget = ({ args }: Exchange): Reason => ({
  is: 'free target',
  node: String(args.device),
  target: String(args.target),
});

function mustSucceed(
  evidence: Evidence,
  exchange: Exchange,
  { rule, why }: { rule: Rule; why: Reason },
  ledger: Ledger,
): Violation[] {
  const reply = replyOf(evidence, exchange);
  const { name, reply: at } = exchange;
  if (!reply || at === undefined) return [];
  const { error } = reply;
  if (!error) {
    ledger.held(rule);
    return [];
  }
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
