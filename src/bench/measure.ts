/** One line of the table: the same work by mirrorfuzz and by the bare client, in the same run. */
export type Figure = {
  what: string;
  on: string;
  unit: 'ms' | 'µs' | '/s' | 'MiB' | '%' | '';
  ours: number;
  /** Absent where there is nothing to compare with. */
  bare?: number;
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

/** Takes turns, A B A B …, so that a machine whose speed drifts is fair to both; the first round is not counted. */
export async function inTurn(
  rounds: number,
  ours: () => Promise<number>,
  bare: () => Promise<number>,
): Promise<{ ours: number; bare: number }> {
  const samples: { ours: number[]; bare: number[] } = { ours: [], bare: [] };
  for (let round = -1; round < rounds; round++) {
    const a = await ours();
    const b = await bare();
    if (round < 0) continue;
    samples.ours.push(a);
    samples.bare.push(b);
  }
  return { ours: median(samples.ours), bare: median(samples.bare) };
}

/** Times a second that `once` can be done, over `count` goes. */
export async function ratePerSecond(count: number, once: () => Promise<unknown>): Promise<number> {
  const ms = await timedMs(async () => {
    for (let i = 0; i < count; i++) await once();
  });
  return (count * 1000) / ms;
}
