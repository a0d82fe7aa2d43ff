import type { Graph } from '../../model/graph/graph.ts';
import { opening } from '../../trace/place.ts';
import type { Fact } from '../facts/fact.ts';
import { gotOf } from '../facts/reply.ts';
import type { Ledger } from '../ledger.ts';
import type { Evidence } from '../reading/evidence.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';
import { spellsNumbers } from '../validation/numbers.ts';
import { mustFail, stepOf } from '../validation/refusal.ts';
import type { Cause, WhyUndecided } from '../why-undecided.ts';
import { activeAfterCont } from './active-after-cont.ts';
import { asOpenedRules } from './as-opened.ts';
import { bitmaps } from './bitmaps.ts';
import { busyNodes } from './busy.ts';
import { deletions } from './delete.ts';
import { exportGone } from './export-gone.ts';
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
    ...listingRules.all,
    ...transactionRules.all,
    ...filterNodes.rules,
    ...activeAfterCont.rules,
    ...asOpenedRules.rules,
    ...exportGone.rules,
    ...lockRules,
  ],
  judge(evidence, ledger) {
    const found: Violation[] = [
      ...filterNodes.judge(evidence, ledger),
      ...activeAfterCont.judge(evidence, ledger),
      ...asOpenedRules.judge(evidence, ledger),
      ...exportGone.judge(evidence, ledger),
    ];
    const lost = walkGraph(evidence, {
      answered: (graph, answer) => void found.push(...judgeReply(evidence, graph, answer, ledger)),
      waited: (graph, seen, at) => void found.push(...judgeLockWait(evidence, graph, seen, at, ledger)),
    });
    if (lost) passOver(evidence, lost, ledger);
    return found;
  },
};

/** What comes after the graph was lost is undecided by every rule that looks at such a command. */
function passOver(evidence: Evidence, lost: Cause, ledger: Ledger): void {
  for (const { name, oob, reply = Number.POSITIVE_INFINITY } of evidence.exchanges) {
    if (oob || reply <= lost.from || reply === Number.POSITIVE_INFINITY) continue;
    for (const rule of rulesAbout.get(name) ?? []) ledger.undecided(rule, lost);
  }
}

function judgeReply(evidence: Evidence, graph: Graph, answer: AnsweredCommand, ledger: Ledger): Violation[] {
  const { exchange, reply, args } = answer;
  const { name, notBefore, reply: at = opening } = exchange;
  if (name.startsWith('query-')) {
    const shown = compareListing(graph, name, reply.return ?? null, notBefore, ledger);
    return shown.map((each) => ({ ...each, at, ...stepOf(exchange) }));
  }
  let unsure: Map<Rule, WhyUndecided> | undefined;
  const situation: GraphSituation = {
    graph,
    args,
    version: evidence.opened.qemu.version,
    notBefore,
    unsure(rule, why) {
      unsure ??= new Map();
      unsure.set(rule, why);
      return undefined;
    },
  };
  const isWhole = name === 'transaction';
  const ruling = isWhole ? ruleTransaction(situation, rulings) : rulings(name, situation)[0];
  // Of an action of a transaction nothing is known but what the whole was answered.
  if (!isWhole)
    for (const [rule, why] of unsure ?? []) if (rule !== ruling?.rule) ledger.undecided(rule, why);
  return [
    ...(ruling ? ruleOn(evidence, answer, ruling, ledger) : []),
    ...(isWhole && reply.error ? leftBy(answer, ledger) : []),
  ];
}

const checks: ReadonlyMap<string, readonly GraphCheck[]> = (() => {
  const byCommand = new Map<string, GraphCheck[]>();
  for (const group of groups)
    for (const [command, check] of Object.entries(group.checks))
      byCommand.set(command, [...(byCommand.get(command) ?? []), check]);
  return byCommand;
})();

/** The rules that may have something to say of a command, by its name. */
const rulesAbout: ReadonlyMap<string, ReadonlySet<Rule>> = (() => {
  const byCommand = new Map<string, Set<Rule>>([
    ['query-named-block-nodes', new Set(listingRules.nodes)],
    ['query-block-exports', new Set(listingRules.exports)],
    ['transaction', new Set(transactionRules.all)],
  ]);
  for (const group of groups)
    for (const command of Object.keys(group.checks))
      byCommand.set(command, new Set([...(byCommand.get(command) ?? []), ...group.rules]));
  return byCommand;
})();

/** What every rule says of a command, refusals first. */
function rulings(command: string, situation: GraphSituation): GraphRuling[] {
  const all = (checks.get(command) ?? []).flatMap((check) => check(situation) ?? []);
  return all.length > 1
    ? all.sort((a, b) => Number(a.must === 'succeed') - Number(b.must === 'succeed'))
    : all;
}

function ruleOn(
  evidence: Evidence,
  { exchange, reply }: AnsweredCommand,
  ruling: GraphRuling,
  ledger: Ledger,
): Violation[] {
  const { name, reply: at = opening } = exchange;
  const { rule, must, why, classes = ['GenericError'] } = ruling;
  const absent = !evidence.schema?.commands.has(name);
  if (must === 'fail') {
    const all = absent ? [...classes, 'CommandNotFound'] : classes;
    return mustFail(evidence, exchange, { rule, classes: all, why }, ledger);
  }
  if (!reply.error) {
    ledger.held(rule);
    return [];
  }
  if (absent && reply.error.class === 'CommandNotFound') return [];
  // What was `8.0` on the wire is 8 here, and no integer to QEMU.
  if (spellsNumbers(evidence, exchange)) {
    ledger.undecided(rule, 'digits lost');
    return [];
  }
  const facts: Fact = { shape: 'reply', command: name, why, due: ['success'], got: gotOf(reply) };
  return [{ rule, at, ...stepOf(exchange), facts }];
}

/** Jobs that a refused transaction created are null before the error comes. */
function leftBy({ exchange, lives }: AnsweredCommand, ledger: Ledger): Violation[] {
  const { reply: at = opening } = exchange;
  return lives.flatMap(({ id, statuses }): Violation[] => {
    const now = statuses.findLast((status) => status.at < at)?.status;
    if (now === undefined) return [];
    if (now === 'null') {
      ledger.held(transactionRules.nothing);
      return [];
    }
    const facts: Fact = { shape: 'left', what: 'job of refused start', command: 'transaction', job: id };
    return [{ rule: transactionRules.nothing, at, ...stepOf(exchange), facts }];
  });
}
