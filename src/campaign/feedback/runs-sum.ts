import type { BriefVerdicts } from '../../judge/ledger.ts';
import type { WhyUndecided } from '../../judge/why-undecided.ts';
import { whyUndecided } from '../../judge/why-undecided.ts';
import type { Ran } from '../worker/worker-messages.ts';
import { addCoverage, type Coverage, noCoverage } from './coverage.ts';

/**
 * The figures of many runs: what another machine sends instead of each. Adds up; two of them merge. A suspect counts as
 * a sequence when it ran, and is judged when it is confirmed.
 */
export type RunsSum = {
  sequences: number;
  commands: number;
  guestWrites: number;
  faultsInjected: number;
  masked: number;
  /** Sequences without a verdict, by reason. */
  undecided: Record<string, number>;
  coverage: Coverage;
  /** Traces that rules said something of, and those of them in which nothing kept a rule from following. */
  traces: number;
  inFull: number;
  rules: Record<string, RuleSum>;
};

/** What rules said of many traces. */
export type RulesSum = Pick<RunsSum, 'traces' | 'inFull' | 'rules'>;
export type RuleSum = { held: number; broken: number; reasons: Partial<Record<WhyUndecided, number>> };

export const noRuns = (): RunsSum => ({
  sequences: 0,
  commands: 0,
  guestWrites: 0,
  faultsInjected: 0,
  masked: 0,
  undecided: {},
  coverage: noCoverage(),
  traces: 0,
  inFull: 0,
  rules: {},
});

export function addRan(sum: RunsSum, ran: Ran): void {
  sum.sequences++;
  for (const key of figures) sum[key] += ran[key];
  addCoverage(sum.coverage, ran.coverage);
  if (!ran.suspect) addJudged(sum, ran);
}

/** What a run said, or a suspect when it was looked at again. */
export function addJudged(sum: RunsSum, { reason, violations, verdicts }: Ran): void {
  if (reason !== undefined && violations.length === 0) addUndecided(sum, reason);
  addVerdicts(sum, verdicts);
}

/** What rules said of a trace; of one of which nothing was judged they said nothing. */
export function addVerdicts(sum: RulesSum, verdicts: BriefVerdicts): void {
  if (verdicts.length === 0) return;
  sum.traces++;
  const isBlind = verdicts.some(([, , , undecided = []]) =>
    undecided.some(([why]) => whyUndecided[why].blind),
  );
  if (!isBlind) sum.inFull++;
  for (const [rule, held, broken, undecided = []] of verdicts)
    addRule(sum, rule, { held, broken, reasons: Object.fromEntries(undecided) });
}

export function addUndecided(sum: RunsSum, reason: string, times = 1): void {
  sum.undecided[reason] = (sum.undecided[reason] ?? 0) + times;
}

export function addRuns(sum: RunsSum, one: RunsSum): void {
  for (const key of ['sequences', ...figures] as const) sum[key] += one[key];
  for (const [reason, times] of Object.entries(one.undecided)) addUndecided(sum, reason, times);
  addCoverage(sum.coverage, one.coverage);
  addRules(sum, one);
}

export function addRules(sum: RulesSum, one: RulesSum): void {
  for (const key of ['traces', 'inFull'] as const) sum[key] += one[key];
  for (const [rule, line] of Object.entries(one.rules)) addRule(sum, rule, line);
}

function addRule(sum: RulesSum, rule: string, { held, broken, reasons }: RuleSum): void {
  const line = sum.rules[rule] ?? { held: 0, broken: 0, reasons: {} };
  sum.rules[rule] = line;
  line.held += held;
  line.broken += broken;
  for (const [why, times] of Object.entries(reasons) as [WhyUndecided, number][])
    line.reasons[why] = (line.reasons[why] ?? 0) + times;
}

const figures = ['commands', 'guestWrites', 'faultsInjected', 'masked'] as const;
