import type { RunItem } from '../campaign/run-all.ts';
import type { Affected } from '../findings/affected.ts';
import { openRate, type Rate, type RatedRun } from '../findings/rate.ts';
import { signatureOf } from '../findings/signature.ts';
import type { Trace } from '../trace/observation.ts';
import { countDecided, type Decided } from './decided.ts';

/** `ok` of `of` decided runs showed the finding. `runs`: all that were made; `broken`: in how many of them, by signature. */
export type Replayed = {
  ok: number;
  of: number;
  runs: number;
  broken: ReadonlyMap<string, number>;
  decided: Decided;
};

/** A finding's signature, and a trace of its sequence that shows it. */
export type Replayable = { signature: string; trace: Trace };

/** How many runs showed the finding, and what others broke. Without a finding any violation counts. */
export function openReplayTally(finding: Replayable | undefined) {
  const signature = finding?.signature;
  const broken = new Map<string, number>();
  const rates = new Map<string, Rate>();
  const decided = countDecided();
  let [runs, ok, of] = [0, 0, 0];

  return {
    add(item: RunItem): void {
      const here = new Set(item.violations.map((violation) => signatureOf(violation, item.trace)));
      rateOf(item)?.add(ratedRun(item, here));
      if (item.verdict === 'skipped') return;
      runs++;
      const shows = signature === undefined ? item.verdict === 'fail' : here.has(signature);
      for (const each of here) broken.set(each, (broken.get(each) ?? 0) + 1);
      // What could not be judged may be what the finding is about, whatever else went wrong.
      if (!shows && item.reason !== undefined) decided.undecided(item.reason);
      else {
        decided.decided();
        of++;
        if (shows) ok++;
      }
    },
    /** A QEMU of which nothing can be said is not among them. */
    affected: (): Affected[] => [...rates.values()].flatMap((rate) => rate.row() ?? []),
    /** Whether a rate needs more runs of this program. */
    needsMore: (on: Pick<RunItem, 'target' | 'flavour'>): boolean => rateOf(on)?.missing() !== 0,
    result: (): Replayed => ({ ok, of, runs, broken, decided: decided.result() }),
    others: (): string[] =>
      [...(signature === undefined ? [] : broken)]
        .filter(([other]) => other !== signature)
        .map(([other, times]) => `${other}, ${times} times`),
  };

  function rateOf({
    target: { label, version },
    flavour,
  }: Pick<RunItem, 'target' | 'flavour'>): Rate | undefined {
    if (!finding) return undefined;
    const key = `${label} ${version} ${flavour}`;
    const rate = rates.get(key) ?? openRate(finding, { label, version, flavour });
    rates.set(key, rate);
    return rate;
  }
}

const ratedRun = ({ trace, reason, trouble }: RunItem, signatures: ReadonlySet<string>): RatedRun => ({
  signatures: [...signatures],
  trace,
  ...(reason === undefined ? {} : { reason }),
  ...(trouble ? { trouble } : {}),
});
