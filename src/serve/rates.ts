import { limits } from './limits.ts';

/** Sequences a second of late, by what they are of: from the sums that are seen to grow. undefined until they have. */
export function openRates(): (of: string, point: { atMs: number; sequences: number }) => number | undefined {
  const seen = new Map<string, { atMs: number; sequences: number }[]>();
  return (of, point) => {
    const samples = seen.get(of) ?? [];
    seen.set(of, samples);
    const last = samples.at(-1);
    // Begun again, under the same name.
    if (last && point.atMs < last.atMs) samples.length = 0;
    if (point.atMs !== last?.atMs) samples.push(point);
    while (samples.length > 2 && point.atMs - (samples[1]?.atMs ?? 0) > limits.rateWindowMs) samples.shift();
    const [first] = samples;
    const seconds = first ? (point.atMs - first.atMs) / 1000 : 0;
    return first && seconds > 0 ? Math.max(0, point.sequences - first.sequences) / seconds : undefined;
  };
}
