import type { RunsSum } from '../campaign/feedback/runs-sum.ts';
import { rules } from '../judge/judge.ts';
import type { BriefVerdicts } from '../judge/ledger.ts';
import { type WhyUndecided, whyUndecided } from '../judge/why-undecided.ts';
import { counted, percent } from './hunt-lines.ts';

/** What each rule said of many traces; of every rule, also of those that no trace exercised. */
export type RulesTally = {
  add(verdicts: BriefVerdicts): void;
  /** What they said in many runs. */
  addRuns(sum: RunsSum): void;
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
  const lines = new Map(rules.map(({ name }) => [name, lineOf(name)]));
  let [traces, inFull] = [0, 0];
  return {
    add(verdicts) {
      // A run of which nothing was judged says nothing of the rules.
      if (verdicts.length === 0) return;
      traces++;
      if (isInFull(verdicts)) inFull++;
      for (const [rule, held, broken, undecided = []] of verdicts) {
        const line = lines.get(rule) ?? lineOf(rule);
        lines.set(rule, line);
        line.held += held;
        line.broken += broken;
        for (const [why, times] of undecided) {
          line.undecided += times;
          line.reasons[why] = (line.reasons[why] ?? 0) + times;
        }
      }
    },
    addRuns(sum) {
      traces += sum.traces;
      inFull += sum.inFull;
      for (const [rule, { held, broken, reasons }] of Object.entries(sum.rules)) {
        const line = lines.get(rule) ?? lineOf(rule);
        lines.set(rule, line);
        line.held += held;
        line.broken += broken;
        for (const [why, times] of Object.entries(reasons) as [WhyUndecided, number][]) {
          line.undecided += times;
          line.reasons[why] = (line.reasons[why] ?? 0) + times;
        }
      }
    },
    result: () => ({ traces, inFull, rules: [...lines.values()] }),
  };
}

const lineOf = (rule: string): RuleLine => ({ rule, held: 0, broken: 0, undecided: 0, reasons: {} });

const isInFull = (verdicts: BriefVerdicts): boolean =>
  !verdicts.some(([, , , undecided = []]) => undecided.some(([why]) => whyUndecided[why].blind));

/** One line for the end of a hunt. */
export function rulesText({ traces, inFull, rules }: RulesJudged): string[] {
  if (traces === 0) return [];
  const never = rules.filter(isNever).length;
  const mostly = rules.filter(({ held, broken, undecided }) => undecided > held + broken).length;
  const ruled = rules.length - never;
  return [
    `${ruled} of ${counted(rules.length, 'rule')} had something to rule on, ${mostly} of them were mostly undecided, ${never} were never exercised; ${percent(inFull, traces)} of the traces were judged in full (--json has the table)`,
  ];
}

const isNever = ({ held, broken, undecided }: RuleLine): boolean => held + broken + undecided === 0;
