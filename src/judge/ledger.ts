import { firstPlace, type Place } from '../trace/place.ts';
import type { Rule } from './rule.ts';
import type { Cause, WhyUndecided } from './why-undecided.ts';

/**
 * Where a family records what it ruled beside the violations that it gives: a rule that had something to rule on and
 * found it right `held`; one that had something to rule on and could not is `undecided`, with the reason. A rule that
 * found nothing to rule on records nothing. `held` is never concluded from the absence of a violation.
 */
export type Ledger = {
  held(rule: Rule, times?: number): void;
  /** A cause is a reason with the place in the trace that brought it about. */
  undecided(rule: Rule, why: WhyUndecided | Cause): void;
};

/** How often a rule held, was broken, and was undecided and why. A rule that is not exercised has none. */
export type Verdict = { rule: Rule; held: number; broken: number; undecided: UndecidedCount[] };

/** `from`: the first place that brought it about. */
export type UndecidedCount = { why: WhyUndecided; times: number; from?: Place };

/** Verdicts as workers send them, by the rule's name; of reasons, how often each. */
export type BriefVerdicts = readonly BriefVerdict[];
type BriefVerdict = readonly [
  rule: string,
  held: number,
  broken: number,
  undecided?: readonly (readonly [why: WhyUndecided, times: number])[],
];

export const brief = (verdicts: readonly Verdict[]): BriefVerdicts =>
  verdicts.map(
    ({ rule, held, broken, undecided }): BriefVerdict =>
      undecided.length === 0
        ? [rule.name, held, broken]
        : [rule.name, held, broken, undecided.map(({ why, times }) => [why, times] as const)],
  );

/** A ledger that can be read. */
export type OpenLedger = Ledger & {
  broken(rule: Rule): void;
  /** One verdict for each rule that was exercised, in the order of the first rulings. */
  verdicts(): Verdict[];
};

export function openLedger(): OpenLedger {
  const verdicts = new Map<Rule, Verdict>();
  let last: Verdict | undefined;
  return {
    held(rule, times = 1) {
      if (times > 0) of(rule).held += times;
    },
    broken(rule) {
      of(rule).broken++;
    },
    undecided(rule, cause) {
      const { why, from = undefined } = typeof cause === 'string' ? { why: cause } : cause;
      const { undecided } = of(rule);
      const same = undecided.find((each) => each.why === why);
      if (!same) undecided.push({ why, times: 1, ...(from === undefined ? {} : { from }) });
      else {
        same.times++;
        if (from !== undefined) same.from = firstPlace(from, same.from ?? from);
      }
    },
    verdicts: () => [...verdicts.values()],
  };

  function of(rule: Rule): Verdict {
    // Rules record many times in a row.
    if (last?.rule === rule) return last;
    last = verdicts.get(rule) ?? { rule, held: 0, broken: 0, undecided: [] };
    verdicts.set(rule, last);
    return last;
  }
}

/** What is recorded here says only what a rule would have ruled on: all of it is undecided. */
export const allUndecided = (ledger: Ledger, why: WhyUndecided): Ledger => ({
  held(rule, times = 1) {
    for (let i = 0; i < times; i++) ledger.undecided(rule, why);
  },
  undecided: (rule) => ledger.undecided(rule, why),
});
