import type { Verdict } from '../judge/ledger.ts';
import { whyUndecided } from '../judge/why-undecided.ts';

/**
 * What each rule said of a trace, a line a rule: how often it held, was broken and was undecided, and a line for each
 * reason; last, how many had nothing to rule on. `from`: the line of the trace that brought the reason about.
 */
export function whyText(verdicts: readonly Verdict[], ruleCount: number): string[] {
  const sorted = verdicts.toSorted((a, b) => (a.rule.name < b.rule.name ? -1 : 1));
  const width = Math.max(0, ...sorted.map(({ rule }) => rule.name.length));
  return [
    ...sorted.flatMap(({ rule, held, broken, undecided }) => {
      const times = undecided.reduce((sum, each) => sum + each.times, 0);
      const parts = [
        ...(held > 0 ? [`held ${held}`] : []),
        ...(broken > 0 ? [`broken ${broken}`] : []),
        ...(times > 0 ? [`undecided ${times}`] : []),
      ];
      return [
        `${rule.name.padEnd(width)}  ${parts.join(', ')}`,
        ...undecided.map(({ why, times, from }) => {
          const place = from === undefined ? '' : ` (line ${from + 1})`;
          return `${''.padEnd(width)}    ${times}x ${whyUndecided[why].says}${place}`;
        }),
      ];
    }),
    `not exercised: ${ruleCount - verdicts.length} of ${ruleCount} rules`,
  ];
}
