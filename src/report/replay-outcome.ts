import type { Outcome } from './outcome.ts';
import type { Replayed } from './replay-tally.ts';

export type ReplayOutcome = ReturnType<typeof replayOutcome>;

/** The contract's JSON object for a replay. Its verdict is about the finding: other rules that broke are listed only. */
export function replayOutcome(runs: Outcome, { ok, of, decided, broken, ...made }: Replayed) {
  const isSound = of > 0 && !runs.interrupted;
  const verdict = ok > 0 ? ('fail' as const) : isSound ? ('pass' as const) : ('unknown' as const);
  const findings = runs.findings.map((found) => ({
    ...found,
    reproduced: { ok: broken.get(found.signature) ?? 0, of: made.runs },
  }));
  return { ...runs, findings, verdict, decided, reproduced: { ok, of } };
}
