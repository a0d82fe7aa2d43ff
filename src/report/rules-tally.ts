import { addRules, addVerdicts, type RulesSum } from '../campaign/feedback/runs-sum.ts';
import { rules } from '../judge/judge.ts';
import type { BriefVerdicts } from '../judge/ledger.ts';
import type { WhyUndecided } from '../judge/why-undecided.ts';
import { counted, percent } from './hunt-lines.ts';

/** What each rule said of many traces; of every rule, also of those that no trace exercised. */
export type RulesTally = {
  add(verdicts: BriefVerdicts): void;
  /** What they said in many runs. */
  addRuns(sum: RulesSum): void;
  result(): RulesJudged;
};

/** `rules`: the contract's table. `inFull`: traces in which nothing kept a rule from following what was done. */
export type RulesJudged = { traces: number; inFull: number; rules: RuleLine[] };

/** `reasons`: how often each reason kept it from deciding. */
export type RuleLine = {
  rule: string;
  held: number;
  broken: number;
  undecided: number;
  reasons: Partial<Record<WhyUndecided, number>>;
};

export function openRulesTally(): RulesTally {
  const sum: RulesSum = { traces: 0, inFull: 0, rules: {} };
  return {
    add: (verdicts) => addVerdicts(sum, verdicts),
    addRuns: (one) => addRules(sum, one),
    result() {
      const names = new Set([...rules.map(({ name }) => name), ...Object.keys(sum.rules)]);
      const none = Object.fromEntries([...names].map((name) => [name, noRule]));
      return { traces: sum.traces, inFull: sum.inFull, rules: ruleLines({ ...none, ...sum.rules }) };
    },
  };
}

/** Of those that said something. */
export const ruleLines = (sums: RulesSum['rules']): RuleLine[] =>
  Object.entries(sums).map(([rule, { held, broken, reasons }]) => {
    const undecided = Object.values(reasons).reduce((all, times) => all + times, 0);
    return { rule, held, broken, undecided, reasons };
  });

const noRule = { held: 0, broken: 0, reasons: {} };

/** A line for the end of a hunt, and one of the verdicts that were lost, by what excused. */
export function rulesText({ traces, inFull, rules }: RulesJudged): string[] {
  if (traces === 0) return [];
  const never = rules.filter(isNever).length;
  const mostly = rules.filter(({ held, broken, undecided }) => undecided > held + broken).length;
  const ruled = rules.length - never;
  return [
    `${ruled} of ${counted(rules.length, 'rule')} had something to rule on, ${mostly} of them were mostly undecided, ${never} were never exercised; ${percent(inFull, traces)} of the traces were judged in full (--json has the table)`,
    ...lostText(rules),
  ];
}

function lostText(rules: readonly RuleLine[]): string[] {
  const lost = new Map<string, number>();
  for (const { reasons } of rules)
    for (const [why, times] of Object.entries(reasons)) lost.set(why, (lost.get(why) ?? 0) + times);
  const all = [...lost.values()].reduce((sum, times) => sum + times, 0);
  if (all === 0) return [];
  const made = rules.reduce((sum, { held, broken }) => sum + held + broken, 0);
  const most = [...lost].sort(([, a], [, b]) => b - a).slice(0, namedMax);
  const named = most.map(([why, times]) => `${times} ${why}`).join(', ');
  const more = lost.size > most.length ? ', …' : '';
  return [
    `${all} of ${counted(made + all, 'ruling')} undecided (${percent(all, made + all)}): ${named}${more}`,
  ];
}

/** Of some forty reasons a few make nearly all. */
const namedMax = 5;

const isNever = ({ held, broken, undecided }: RuleLine): boolean => held + broken + undecided === 0;
