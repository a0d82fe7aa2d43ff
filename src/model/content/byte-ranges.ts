/** Bytes from `from` up to, but without, `to`. Lists of them are in order and do not touch. */
export type ByteRange = { from: number; to: number };

/** All bytes that are in any of the ranges, which may come in any order. */
export function joined(ranges: readonly ByteRange[]): ByteRange[] {
  const found: ByteRange[] = [];
  for (const { from, to } of ranges.toSorted((a, b) => a.from - b.from)) {
    if (from >= to) continue;
    const last = found.at(-1);
    if (last && from <= last.to) last.to = Math.max(last.to, to);
    else found.push({ from, to });
  }
  return found;
}

/** Every grain that a range touches, as a whole. */
export const roundedOut = (ranges: readonly ByteRange[], grainBytes: number): ByteRange[] =>
  joined(
    ranges.map(({ from, to }) => ({
      from: Math.floor(from / grainBytes) * grainBytes,
      to: Math.ceil(to / grainBytes) * grainBytes,
    })),
  );

/** The first bytes that are in one list and not in the other. */
export function firstOutside(ranges: readonly ByteRange[], of: readonly ByteRange[]): ByteRange | undefined {
  for (const { from, to } of ranges) {
    const holder = of.findLast((each) => each.from <= from);
    const begin = holder ? Math.max(from, holder.to) : from;
    if (begin >= to) continue;
    const next = of.find((each) => each.from > begin);
    return { from: begin, to: Math.min(to, next?.from ?? to) };
  }
  return undefined;
}

export const bytesIn = (ranges: readonly ByteRange[]): number =>
  ranges.reduce((sum, { from, to }) => sum + to - from, 0);
