import type { Origin } from '../../trace/content-run.ts';
import { append, type Expectation, type Origins, type Stretch, sizeOf, union } from './expectation.ts';

/**
 * A request that changes a disk. It takes effect at one unknown instant between `begin` and `end`, places in the
 * trace; an `end` of Infinity is one that nobody saw.
 */
export type GuestChange = {
  request: number;
  begin: number;
  end: number;
  offsetBytes: number;
  lengthBytes: number;
  /** What a reader finds where it took effect; of a discard, 'zero' or what was there. */
  origin: Origin;
  kind: 'write' | 'zero' | 'discard';
  /** Acknowledged, so that what was there before is gone; else it may have been carried out, or not, or in part. */
  acknowledged: boolean;
  /** It is not acknowledged before it is on the disk (FUA). */
  durable: boolean;
};

/** All that the guest asked to change on one disk, in the order of the beginnings. */
export type GuestHistory = {
  changes: readonly GuestChange[];
  /** A discard may bring to light what lies below: any older content. */
  layered: boolean;
};

/** Two places in the trace; what is looked at was read at some instant between them. */
export type Window = { from: number; to: number };

/**
 * What a reader within the window may find, byte by byte, as of a register that is written concurrently: whatever was
 * begun before the window's end and was not surely overwritten before its beginning. `durableTo`: an overwriting
 * request that is durable by itself counts up to there.
 */
export function possibleWithin(
  history: GuestHistory,
  initial: Expectation,
  window: Window & { durableTo?: number },
): Expectation {
  const found: Stretch[] = [];
  sweep(history.changes, sizeOf(initial), (from, to, active) => {
    for (const [begin, end, origins] of pieces(initial, from, to)) {
      append(found, { from: begin, to: end, origins: possible(active, origins, window, history.layered) });
    }
  });
  return found;
}

/** Grains that a request which was in flight between two places touches. */
export type Blot = Window & { grainBytes: number };

/**
 * Stretches that an acknowledged write or zero request changed between two places: begun after the first, ended before
 * the second. Grains of the blot don't count.
 */
export function surelyWritten(
  { changes }: GuestHistory,
  sizeBytes: number,
  { from, to }: Window,
  blot?: Blot,
): { from: number; to: number }[] {
  const within = changes.filter((change) => replaces(change) && change.begin > from && change.end < to);
  const found: { from: number; to: number }[] = [];
  sweep(within, sizeBytes, (begin, end, active) => {
    const last = found.at(-1);
    if (active.length === 0) return;
    if (last?.to === begin) last.to = end;
    else found.push({ from: begin, to: end });
  });
  return blot === undefined ? found : blotted(changes, blot).reduce(without, found);
}

type Piece = { from: number; to: number };

function blotted(changes: readonly GuestChange[], { from, to, grainBytes }: Blot): Piece[] {
  return changes
    .filter(({ begin, end }) => begin < to && end > from)
    .map(({ offsetBytes, lengthBytes }) => ({
      from: Math.floor(offsetBytes / grainBytes) * grainBytes,
      to: Math.ceil((offsetBytes + lengthBytes) / grainBytes) * grainBytes,
    }));
}

const without = (pieces: Piece[], hole: Piece): Piece[] =>
  pieces
    .flatMap(({ from, to }) => [
      { from, to: Math.min(to, hole.from) },
      { from: Math.max(from, hole.to), to },
    ])
    .filter(({ from, to }) => from < to);

const replaces = ({ acknowledged, kind }: GuestChange): boolean => acknowledged && kind !== 'discard';

function possible(
  active: readonly GuestChange[],
  initial: Origins,
  { from, to, durableTo = from }: Window & { durableTo?: number },
  layered: boolean,
): Origins {
  if (active.length === 0) return initial;
  let lastOver = -1;
  for (const change of active) {
    const inTime = change.end < (change.durable ? durableTo : from);
    if (replaces(change) && inTime) lastOver = Math.max(lastOver, change.begin);
  }
  const seen = active.filter((change) => change.begin < to && change.end >= lastOver);
  if (layered && seen.some(({ kind }) => kind === 'discard')) return 'any';
  const written: Origins = new Set(seen.map(({ origin }) => origin));
  return lastOver < 0 ? union(written, initial) : written;
}

/** Walks over the disk and gives, for each stretch, the changes that cover it, in the order of their beginnings. */
function sweep(
  changes: readonly GuestChange[],
  sizeBytes: number,
  visit: (from: number, to: number, active: readonly GuestChange[]) => void,
): void {
  const edges = changes
    .flatMap((change, order) => {
      const from = Math.min(change.offsetBytes, sizeBytes);
      const to = Math.min(change.offsetBytes + change.lengthBytes, sizeBytes);
      if (from >= to) return [];
      return [
        { at: from, order, change, opens: true },
        { at: to, order, change, opens: false },
      ];
    })
    .sort((a, b) => a.at - b.at || a.order - b.order);
  const active = new Map<number, GuestChange>();
  let at = 0;
  for (const edge of edges) {
    if (edge.at > at) visit(at, edge.at, [...active.values()]);
    at = edge.at;
    if (edge.opens) active.set(edge.order, edge.change);
    else active.delete(edge.order);
  }
  if (at < sizeBytes) visit(at, sizeBytes, []);
}

/** The stretches of an expectation between two offsets: begin, end, origins. */
function* pieces(expectation: Expectation, from: number, to: number): Generator<[number, number, Origins]> {
  let low = 0;
  let high = expectation.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((expectation[middle] as Stretch).to <= from) low = middle + 1;
    else high = middle;
  }
  for (let i = low; i < expectation.length; i++) {
    const stretch = expectation[i] as Stretch;
    if (stretch.from >= to) return;
    yield [Math.max(stretch.from, from), Math.min(stretch.to, to), stretch.origins];
  }
}
