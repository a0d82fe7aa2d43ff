import { limits } from './limits.ts';
import { type Discordant, type ShownCount, testRate, testWorse } from './sequential-test.ts';

/** A failure shown again and again, on the candidate and, where there is one, on the baseline beside it. */
export type PairedRuns = Discordant & { candidate: ShownCount; baseline: ShownCount | undefined };

/**
 * `new`: it reproduces, and the baseline does not show it. `worse`: the baseline shows it, but less often. `same`: the
 * baseline shows it, too. `fluke`: it hardly shows again. `open`: no test came to an end in time.
 */
export type Conclusion = 'new' | 'worse' | 'same' | 'fluke' | 'open';

export function noRuns(hasBaseline: boolean): PairedRuns {
  const none = { shown: 0, of: 0 };
  return { candidate: none, baseline: hasBaseline ? none : undefined, onlyCandidate: 0, onlyBaseline: 0 };
}

/** `baseline` is absent where there is none. */
export function addPair(before: PairedRuns, candidate: boolean, baseline?: boolean): PairedRuns {
  const count = ({ shown, of }: ShownCount, shows: boolean): ShownCount => ({
    shown: shown + (shows ? 1 : 0),
    of: of + 1,
  });
  if (before.baseline === undefined || baseline === undefined)
    return { ...before, candidate: count(before.candidate, candidate) };
  return {
    candidate: count(before.candidate, candidate),
    baseline: count(before.baseline, baseline),
    onlyCandidate: before.onlyCandidate + (candidate && !baseline ? 1 : 0),
    onlyBaseline: before.onlyBaseline + (baseline && !candidate ? 1 : 0),
  };
}

/** What they come to where there is no time for another one; undefined: too little is known. */
export function concludeInHaste({
  candidate,
  baseline,
  onlyCandidate,
  onlyBaseline,
}: PairedRuns): 'new' | 'same' | undefined {
  if (baseline === undefined || baseline.of === 0) return undefined;
  if (baseline.shown > 0 && onlyCandidate - onlyBaseline < limits.suspiciousPairs) return 'same';
  const isClear = baseline.shown === 0 && candidate.shown === candidate.of;
  return isClear && onlyCandidate >= limits.pairsInHaste ? 'new' : undefined;
}

/** What the runs so far come to; undefined: one more is needed. The run that was met first does not count. */
export function conclude(showing: PairedRuns, { grave }: { grave: boolean }): Conclusion | undefined {
  const { candidate } = showing;
  // What lacks a command that the sequence needs has nothing to say.
  const baseline = showing.baseline?.of === 0 && candidate.of > 0 ? undefined : showing.baseline;
  const reproduces = testRate(grave ? limits.graveReproduction : limits.reproduction, candidate);
  const most = grave ? limits.gravePairsMax : limits.pairsMax;
  if (reproduces === 'fluke') return 'fluke';
  if (baseline === undefined) {
    if (reproduces === 'defect') return 'new';
    return candidate.of >= most ? 'open' : undefined;
  }
  const always = baseline.of >= limits.baselineAlways && baseline.shown === baseline.of;
  const compared = testWorse(limits.comparison, showing);
  if (always || compared === 'not worse') return 'same';
  if (compared === 'worse' && reproduces === 'defect') return baseline.shown === 0 ? 'new' : 'worse';
  if (candidate.of < most) return undefined;
  return baseline.shown > 0 ? 'same' : 'open';
}
