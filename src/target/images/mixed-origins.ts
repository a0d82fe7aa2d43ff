import { sectorBytes } from '../../trace/content-bytes.ts';
import { byteAt, isBoot, type KnownDisks, type Source, sourceOfUnit } from './origin-source.ts';
import { unitBytes } from './stamp-unit.ts';

export type SourcePiece = { length: number; source: Source };

/**
 * Classifies bytes that are no whole units, byte by byte, between two neighbours that are known (undefined: it begins
 * or ends there): each neighbour goes on as far as its own bytes do, the earlier one first. What is left is looked
 * through for stamps that begin anywhere and for one byte repeated; the rest is unknown.
 */
export function* mixedPieces(
  bytes: Uint8Array,
  offsetBytes: number,
  before: Source | undefined,
  after: Source | undefined,
  known: KnownDisks,
): Generator<SourcePiece> {
  const agrees = (source: Source | undefined, at: number): boolean =>
    byteAt(source, offsetBytes + at) === bytes[at];
  const explainedTo = (source: Source | undefined, from: number): number => {
    let at = from;
    while (at < bytes.length && agrees(source, at)) at++;
    return at;
  };
  const explainedFrom = (source: Source | undefined, to: number, atLeast: number): number => {
    let at = to;
    while (at > atLeast && agrees(source, at - 1)) at--;
    return at;
  };

  const last = after ?? before;
  const ending = explainedFrom(last, bytes.length, 0);
  let source = before ?? after;
  for (let at = 0; ; ) {
    const reached = explainedTo(source, at);
    if (source && reached > at) yield { length: reached - at, source };
    if (reached === bytes.length) return;
    const clue = nextClue(bytes, offsetBytes, reached, ending, known);
    source = clue?.source ?? last;
    at = clue ? explainedFrom(source, clue.at, reached) : Math.max(ending, reached);
    if (at > reached) yield { length: at - reached, source: unexplained(bytes.subarray(reached, at)) };
  }
}

type Clue = { at: number; source: Source };

function nextClue(
  bytes: Uint8Array,
  offsetBytes: number,
  from: number,
  to: number,
  known: KnownDisks,
): Clue | undefined {
  // Garbage is long and holds short runs of zeroes by chance; what a small write left is short.
  const repeatedAtLeast = bytes.length <= 4 * unitBytes ? 4 : unitBytes;
  for (let at = from; at < to; at++) {
    const source =
      bootAt(bytes, offsetBytes, at) ??
      stampAt(bytes, offsetBytes, at, known) ??
      (repeated(bytes, at, to) >= repeatedAtLeast ? repeatedByte(bytes, at) : undefined);
    if (source) return { at, source };
  }
  return undefined;
}

/** Part of a boot sector that has been written to. */
function bootAt(bytes: Uint8Array, offsetBytes: number, at: number): Source | undefined {
  const unit = bytes.subarray(at, at + unitBytes);
  // It ends in zeroes, which are anybody's.
  return isBoot(unit, offsetBytes + at) && unit.some((byte) => byte !== 0) ? { kind: 'boot' } : undefined;
}

/** A sector's stamp repeats, so that any 16 bytes of it are the whole stamp, turned round. */
function stampAt(bytes: Uint8Array, offsetBytes: number, at: number, known: KnownDisks): Source | undefined {
  const withinSector = ((offsetBytes % sectorBytes) + at) % sectorBytes;
  if (at + unitBytes > bytes.length || withinSector + unitBytes > sectorBytes) return undefined;
  const turned = (i: number): number => bytes[at + ((i - withinSector) & (unitBytes - 1))] as number;
  const id = (turned(0) | (turned(1) << 8) | (turned(2) << 16) | (turned(3) << 24)) >>> 0;
  if (!known.byId.has(id)) return undefined;
  const unit = new DataView(Uint8Array.from({ length: unitBytes }, (_, i) => turned(i)).buffer);
  const source = sourceOfUnit(unit, 0, Math.floor((offsetBytes + at) / sectorBytes), known);
  return source && isPlausible(source, known) ? source : undefined;
}

/** Whether a single unit is believed: where only it says that something is misplaced, it is rather damaged itself. */
export function isPlausible(source: Source, { generations }: KnownDisks): boolean {
  return source.kind !== 'stamp' || (source.shift === 0 && source.generation <= generations);
}

function repeated(bytes: Uint8Array, from: number, to: number): number {
  let at = from + 1;
  while (at < to && bytes[at] === bytes[from]) at++;
  return at - from;
}

const repeatedByte = (bytes: Uint8Array, at: number): Source => ({
  kind: 'byte',
  value: bytes[at] as number,
});

function unexplained(bytes: Uint8Array): Source {
  if (repeated(bytes, 0, bytes.length) === bytes.length) return repeatedByte(bytes, 0);
  return { kind: 'unknown', head: bytes.slice(0, unitBytes) };
}
