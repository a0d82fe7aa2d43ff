/** What one file of a corpus shows when it is run. */
export type CorpusEntry = { file: string; steps: number; features: ReadonlySet<string> };

/**
 * The files that together show all that the whole corpus shows: greedily, whichever adds most, and of equals the
 * shortest. `spare` is the rest.
 */
export function minimalCorpus(shown: readonly CorpusEntry[]): { kept: CorpusEntry[]; spare: CorpusEntry[] } {
  const missing = new Set(shown.flatMap(({ features }) => [...features]));
  const left = new Set(shown);
  const kept: CorpusEntry[] = [];
  while (missing.size > 0) {
    const best = richest([...left], missing);
    if (!best) break;
    kept.push(best);
    left.delete(best);
    for (const feature of best.features) missing.delete(feature);
  }
  return { kept, spare: [...left] };
}

function richest(files: readonly CorpusEntry[], missing: ReadonlySet<string>): CorpusEntry | undefined {
  let best: { file: CorpusEntry; adds: number } | undefined;
  for (const file of files) {
    let adds = 0;
    for (const feature of file.features) if (missing.has(feature)) adds++;
    const better =
      best === undefined || adds > best.adds || (adds === best.adds && file.steps < best.file.steps);
    if (adds > 0 && better) best = { file, adds };
  }
  return best?.file;
}
