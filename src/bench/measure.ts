/** One line of the table: the same work by mirrorfuzz and by the bare client, in the same run. */
export type Figure = {
  what: string;
  on: string;
  unit: 'ms' | 'µs' | '/s' | 'MiB' | 'MB' | '%' | '';
  ours: number;
  /** Absent where there is nothing to compare with. */
  bare?: number;
  /** Ours by bare, as the median of the pairs has it. */
  ratio?: number;
  /** What else there is to say of it. */
  detail?: string;
  /** What is asked of the figure, and whether it is met; absent where nothing is. */
  wanted?: { text: string; met: boolean };
};

export function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const high = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? high : (high + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** Milliseconds that some work takes. */
export async function timedMs(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

/** What both took: medians, and the medians of what each pair of neighbours says, which a drifting machine cannot skew. */
export type Compared = { ours: number; bare: number; ratio: number; difference: number };

/** Takes turns, A B B A A B …, so that a machine whose speed drifts is fair to both; the first round is not counted. */
export async function inTurn(
  rounds: number,
  ours: () => Promise<number>,
  bare: () => Promise<number>,
): Promise<Compared> {
  const pairs: { ours: number; bare: number }[] = [];
  for (let round = -1; round < rounds; round++) {
    const first = round % 2 === 0 ? await ours() : undefined;
    const theirs = await bare();
    const pair = { ours: first ?? (await ours()), bare: theirs };
    if (round >= 0) pairs.push(pair);
  }
  return {
    ours: median(pairs.map((pair) => pair.ours)),
    bare: median(pairs.map((pair) => pair.bare)),
    ratio: median(pairs.map((pair) => pair.ours / pair.bare)),
    difference: median(pairs.map((pair) => pair.ours - pair.bare)),
  };
}

/** Times a second that `once` can be done, over `count` goes. */
export async function ratePerSecond(count: number, once: () => Promise<unknown>): Promise<number> {
  const ms = await timedMs(async () => {
    for (let i = 0; i < count; i++) await once();
  });
  return (count * 1000) / ms;
}
