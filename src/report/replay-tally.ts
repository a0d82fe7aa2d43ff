import type { RunItem } from '../campaign/run-all.ts';
import type { Affected } from '../findings/finding.ts';
import { signatureOf } from '../findings/signature.ts';
import { countDecided, type Decided } from './decided.ts';

/** `ok` of `of` decided runs showed the finding. `runs`: all that were made; `broken`: in how many of them, by signature. */
export type Replayed = {
  ok: number;
  of: number;
  runs: number;
  broken: ReadonlyMap<string, number>;
  decided: Decided;
};

/** How many runs showed the finding, and what others broke. Without a signature any violation counts. */
export function openReplayTally(signature: string | undefined) {
  const broken = new Map<string, number>();
  const byProgram = new Map<string, Affected>();
  const decided = countDecided();
  let runs = 0;

  return {
    add(item: RunItem): void {
      if (item.verdict === 'skipped') return;
      runs++;
      const here = new Set(item.violations.map((violation) => signatureOf(violation, item.trace)));
      const shows = signature === undefined ? item.verdict === 'fail' : here.has(signature);
      for (const each of here) broken.set(each, (broken.get(each) ?? 0) + 1);
      // What could not be judged may be what the finding is about, whatever else went wrong.
      if (!shows && item.reason !== undefined) decided.undecided(item.reason);
      else noteDecided(item, shows);
    },
    /** A QEMU on which no run was decided is not among them. */
    affected: (): Affected[] => [...byProgram.values()],
    result(): Replayed {
      const rows = [...byProgram.values()];
      const sum = (key: 'ok' | 'of'): number => rows.reduce((total, row) => total + row[key], 0);
      return { ok: sum('ok'), of: sum('of'), runs, broken, decided: decided.result() };
    },
    others: (): string[] =>
      [...(signature === undefined ? [] : broken)]
        .filter(([other]) => other !== signature)
        .map(([other, times]) => `${other}, ${times} times`),
  };

  function noteDecided(item: RunItem, shows: boolean): void {
    decided.decided();
    const row = rowOf(item);
    row.of++;
    if (shows) row.ok++;
  }

  function rowOf({ target: { label, version }, flavour }: RunItem): Affected {
    const key = `${label} ${version} ${flavour}`;
    const row = byProgram.get(key) ?? { label, version, flavour, ok: 0, of: 0 };
    byProgram.set(key, row);
    return row;
  }
}
