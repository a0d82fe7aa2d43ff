import type { Graph } from '../../model/graph/graph.ts';
import type { Fact } from '../facts/fact.ts';
import { gotOf } from '../facts/reply.ts';
import type { Evidence } from '../reading/evidence.ts';
import type { RuleFamily, Violation } from '../rule.ts';
import { spellsNumbers } from '../validation/numbers.ts';
import { mustFail, stepOf } from '../validation/refusal.ts';
import { bitmaps } from './bitmaps.ts';
import { busyNodes } from './busy.ts';
import { deletions } from './delete.ts';
import { exportRules } from './exporting.ts';
import { filterNodes } from './filters.ts';
import { inactiveNodes } from './inactive.ts';
import { compareListing, listingRules } from './listing.ts';
import { judgeLockWait, lockRules } from './locks.ts';
import { names } from './names.ts';
import { overlays } from './overlays.ts';
import type { GraphCheck, GraphRules, GraphRuling, GraphSituation } from './ruling.ts';
import { starts } from './starts.ts';
import { ruleTransaction, transactionRules } from './transactions.ts';
import { type AnsweredCommand, walkGraph } from './walk.ts';

/** Refusals first: what must be refused for one reason is not accepted for another. */
const groups: readonly GraphRules[] = [
  names,
  busyNodes,
  deletions,
  inactiveNodes,
  overlays,
  bitmaps,
  exportRules,
  starts,
];

/** Replies and queries against the block graph, as far as the commands and job events before them tell it. */
export const graphRules: RuleFamily = {
  rules: [
    ...groups.flatMap(({ rules }) => rules),
    ...listingRules,
    ...transactionRules.all,
    ...filterNodes.rules,
    ...lockRules,
  ],
  judge(evidence, ledger) {
    const found: Violation[] = [...filterNodes.judge(evidence, ledger)];
    walkGraph(evidence, {
      answered: (graph, answer) => void found.push(...judgeReply(evidence, graph, answer)),
      waited: (graph, seen, at) => void found.push(...judgeLockWait(evidence, graph, seen, at)),
    });
    return found;
  },
};

function judgeReply(evidence: Evidence, graph: Graph, answer: AnsweredCommand): Violation[] {
  const { exchange, reply, args } = answer;
  const { name, notBefore, reply: at = 0 } = exchange;
  if (name.startsWith('query-')) {
    const shown = compareListing(graph, name, reply.return ?? null, notBefore);
    return shown.map((each) => ({ ...each, at, ...stepOf(exchange) }));
  }
  const situation: GraphSituation = { graph, args, version: evidence.opened.qemu.version, notBefore };
  const isWhole = name === 'transaction';
  const ruling = isWhole ? ruleTransaction(situation, rulings) : rulings(name, situation)[0];
  return [
    ...(ruling ? broken(evidence, answer, ruling) : []),
    ...(isWhole && reply.error ? leftBy(answer) : []),
  ];
}

const checks: ReadonlyMap<string, readonly GraphCheck[]> = (() => {
  const byCommand = new Map<string, GraphCheck[]>();
  for (const group of groups)
    for (const [command, check] of Object.entries(group.checks))
      byCommand.set(command, [...(byCommand.get(command) ?? []), check]);
  return byCommand;
})();

/** What every rule says of a command, refusals first. */
function rulings(command: string, situation: GraphSituation): GraphRuling[] {
  const all = (checks.get(command) ?? []).flatMap((check) => check(situation) ?? []);
  return all.length > 1
    ? all.sort((a, b) => Number(a.must === 'succeed') - Number(b.must === 'succeed'))
    : all;
}

function broken(evidence: Evidence, { exchange, reply }: AnsweredCommand, ruling: GraphRuling): Violation[] {
  const { name, reply: at = 0 } = exchange;
  const { rule, must, why, classes = ['GenericError'] } = ruling;
  const absent = !evidence.schema?.commands.has(name);
  if (must === 'fail')
    return mustFail(evidence, exchange, rule, absent ? [...classes, 'CommandNotFound'] : classes, why);
  if (!reply.error || (absent && reply.error.class === 'CommandNotFound')) return [];
  // What was `8.0` on the wire is 8 here, and no integer to QEMU.
  if (spellsNumbers(evidence, exchange)) return [];
  const facts: Fact = { shape: 'reply', command: name, why, due: ['success'], got: gotOf(reply) };
  return [{ rule, at, ...stepOf(exchange), facts }];
}

/** Jobs that a refused transaction created are null before the error comes. */
function leftBy({ exchange, lives }: AnsweredCommand): Violation[] {
  const { reply: at = 0 } = exchange;
  return lives.flatMap(({ id, statuses }): Violation[] => {
    const now = statuses.findLast((status) => status.at < at)?.status;
    if (now === undefined || now === 'null') return [];
    const facts: Fact = { shape: 'left', what: 'job of refused start', command: 'transaction', job: id };
    return [{ rule: transactionRules.nothing, at, ...stepOf(exchange), facts }];
  });
}
