/**
 * Wald's sequential probability ratio test of a rate (Sequential Analysis, 1947): runs go on until either hypothesis is as
 * good as sure. `alpha`: a rate of `fluke` or less is taken for a defect at most so often; `beta`: a rate of `defect` or
 * more is taken for a fluke. Both hold up to Wald's bound, alpha / (1 - beta) and beta / (1 - alpha).
 */
export type Hypotheses = { fluke: number; defect: number; alpha: number; beta: number };

/** `shown` of `of` decided runs showed it. */
export type ShownCount = { shown: number; of: number };

export type RateRuling = 'defect' | 'fluke' | 'open';

export function testRate({ fluke, defect, alpha, beta }: Hypotheses, { shown, of }: ShownCount): RateRuling {
  const evidence = shown * Math.log(defect / fluke) + (of - shown) * Math.log((1 - defect) / (1 - fluke));
  if (evidence >= Math.log((1 - beta) / alpha)) return 'defect';
  return evidence <= Math.log(beta / (1 - alpha)) ? 'fluke' : 'open';
}

/** Pairs of runs, one on each QEMU, in which only one of the two showed it. */
export type Discordant = { onlyCandidate: number; onlyBaseline: number };

/**
 * Whether the candidate shows it more often: Wald's test for two binomial rates. A pair in which both or neither show it
 * says nothing, and what a slow hour does to both cancels out. `odds`: how many times the baseline's odds count as worse.
 */
export function testWorse(
  { odds, alpha, beta }: { odds: number; alpha: number; beta: number },
  { onlyCandidate, onlyBaseline }: Discordant,
): 'worse' | 'not worse' | 'open' {
  const hypotheses = { fluke: 1 / 2, defect: odds / (1 + odds), alpha, beta };
  const ruling = testRate(hypotheses, { shown: onlyCandidate, of: onlyCandidate + onlyBaseline });
  return ruling === 'defect' ? 'worse' : ruling === 'fluke' ? 'not worse' : 'open';
}

/** The most that a rate can be which showed `shown` of `of`, in 39 of 40 cases (Wilson's interval). */
export function highestRate({ shown, of }: ShownCount): number {
  if (of === 0) return 1;
  const [rate, z] = [shown / of, 1.96];
  const spread = z * Math.sqrt((rate * (1 - rate)) / of + (z * z) / (4 * of * of));
  return Math.min(1, (rate + (z * z) / (2 * of) + spread) / (1 + (z * z) / of));
}
