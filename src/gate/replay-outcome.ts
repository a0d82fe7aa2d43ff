import { limits } from './limits.ts';
import type { PairedRuns } from './paired-runs.ts';
import { highestRate, type ShownCount, testRate, testWorse } from './sequential-test.ts';

/**
 * What replays of a stored finding come to. `known`: it shows as it is known to; `worse`: more often; `gone`: it should
 * show and does not; `absent`: it should not and does not; `unexpected`: it shows where it should not.
 */
export type ReplaysSay = 'known' | 'worse' | 'gone' | 'absent' | 'unexpected' | 'seldom';

/** undefined: another run is needed. `expected`: how often it is known to show here; absent where it should not. */
export function replayed(expected: ShownCount | undefined, showing: PairedRuns): ReplaysSay | undefined {
  const { candidate } = showing;
  if (expected === undefined) {
    if (candidate.shown > 0) return 'unexpected';
    return candidate.of >= limits.findingRuns ? 'absent' : undefined;
  }
  if (isAsEver(expected, showing)) return 'known';
  if (candidate.of < limits.findingRuns) return undefined;
  if (candidate.shown === 0) {
    if (isGone(expected, candidate)) return 'gone';
    return candidate.of >= limits.pairsMax ? 'seldom' : undefined;
  }
  const compared = compareRates(expected, showing);
  if (compared === 'open' && candidate.of < limits.pairsMax) return undefined;
  return compared === 'worse' ? 'worse' : 'known';
}

/** It always shows, there and here: nothing can be worse, and more runs would say the same. */
function isAsEver(expected: ShownCount, { candidate, baseline }: PairedRuns): boolean {
  const always = ({ shown, of }: ShownCount): boolean => shown === of;
  const isSure = always(expected) && expected.of >= limits.findingRuns;
  return isSure && candidate.of > 0 && always(candidate) && (baseline === undefined || always(baseline));
}

/** What they come to where there is no time for another run: what shows, and not more often, is known. */
export function replayedInHaste(expected: ShownCount | undefined, showing: PairedRuns): 'known' | undefined {
  if (expected === undefined || showing.candidate.shown === 0) return undefined;
  return compareRates(expected, showing) === 'not worse' ? 'known' : undefined;
}

/** Whether a finding that shows as often as it did would be missed so long in a hundredth of the cases only. */
function isGone(expected: ShownCount, candidate: ShownCount): boolean {
  const { share, alpha, beta } = limits.gone;
  // Three of three is no proof of always.
  const defect = Math.min(0.9, expected.shown / expected.of);
  return testRate({ fluke: defect * share, defect, alpha: beta, beta: alpha }, candidate) === 'fluke';
}

/** Against the baseline in this run or, without one, against the rate that the store has. */
function compareRates(expected: ShownCount, showing: PairedRuns): 'worse' | 'not worse' | 'open' {
  const { candidate, baseline, onlyCandidate, onlyBaseline } = showing;
  if (baseline !== undefined && baseline.of > 0)
    return onlyCandidate - onlyBaseline < limits.suspiciousPairs
      ? 'not worse'
      : testWorse(limits.comparison, showing);
  const before = highestRate(expected);
  if (before > highRate || candidate.shown / candidate.of <= before) return 'not worse';
  const { odds, alpha, beta } = limits.comparison;
  const worse = (odds * before) / (1 - before + odds * before);
  const ruling = testRate({ fluke: before, defect: worse, alpha, beta }, candidate);
  return ruling === 'defect' ? 'worse' : ruling === 'fluke' ? 'not worse' : 'open';
}

/** What may show so often can't be told from what shows always. */
const highRate = 0.8;
