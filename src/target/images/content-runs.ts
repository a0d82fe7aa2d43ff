import { sectorBytes } from '../../trace/content-bytes.ts';
import type { ContentRun } from '../../trace/content-run.ts';
import { limits } from '../limits.ts';
import { isPlausible, mixedPieces } from './mixed-origins.ts';
import {
  isBoot,
  knownDisks,
  nameOf,
  type Source,
  type StampedDisk,
  sameSource,
  sourceOfUnit,
  zero,
} from './origin-source.ts';
import { repeatsUnit, unitBytes } from './stamp-unit.ts';

/**
 * Describes bytes, read at `offsetBytes` of a disk, as runs of equal origin, exact to the byte: whoever writes out the
 * runs gets the bytes again. Where two neighbours have the same bytes, whole 16-byte units decide, then the earlier
 * run goes on; an unknown run of up to 16 bytes is described whole. `src:7@-3` was found 3 sectors before its place,
 * `src:7@+3` 3 sectors behind it. `generations`: the last one written, where known; a single unit of a later one is
 * described as a damaged stamp, byte by byte.
 */
export function originRuns(
  bytes: Uint8Array,
  offsetBytes: number,
  disks: readonly StampedDisk[],
  generations?: number,
): ContentRun[] {
  const reader = openOriginReader(offsetBytes, disks, generations);
  reader.push(bytes);
  return reader.end();
}

/** The same for content that comes in pieces, one behind the other; where they are cut makes no difference. */
export type OriginReader = {
  push(bytes: Uint8Array): void;
  pushZeroes(lengthBytes: number): void;
  end(): ContentRun[];
};

type Found = { offset: number; length: number; source: Source };

export function openOriginReader(
  offsetBytes: number,
  disks: readonly StampedDisk[],
  generations = 2 ** 32 - 1,
): OriginReader {
  const known = knownDisks(disks, generations);
  const found: Found[] = [];
  /** The last bytes before `position`: whose they are depends on what comes. */
  let mixed: Uint8Array[] = [];
  let mixedBytes = 0;
  let position = offsetBytes;

  return {
    push(bytes) {
      const { buffer, start } = inWords(bytes, position);
      const view = new DataView(buffer);
      const words = new Int32Array(buffer, 0, buffer.byteLength >> 2);
      const end = start + bytes.length;
      let at = Math.min(start + headBytes(position), end);
      if (at > start) units(view, start, at - start);
      for (; at + sectorBytes <= end; at += sectorBytes) {
        if (!repeatsUnit(words, at >> 2)) {
          if (isBoot(new Uint8Array(buffer, at, sectorBytes), position)) add({ kind: 'boot' }, sectorBytes);
          else units(view, at, sectorBytes);
        } else add(sourceOfUnit(view, at, position / sectorBytes, known) ?? nobodys(view, at), sectorBytes);
      }
      if (at < end) units(view, at, end - at);
    },
    pushZeroes(lengthBytes) {
      if (lengthBytes > 0) add(zero, lengthBytes);
    },
    end() {
      resolveMixed(undefined);
      return found.map(({ offset, length, source }) => [offset, length, nameOf(source)]);
    },
  };

  /** A part of one sector, unit by unit. */
  function units(view: DataView, start: number, lengthBytes: number): void {
    const sector = Math.floor(position / sectorBytes);
    const end = start + lengthBytes;
    const first = Math.min(start + ((unitBytes - (position % unitBytes)) % unitBytes), end);
    const sources: (Source | undefined)[] = [];
    for (let at = first; at + unitBytes <= end; at += unitBytes) {
      sources.push(sourceOfUnit(view, at, sector, known));
    }
    addMixed(view, start, first - start);
    sources.forEach((source, i) => {
      if (source && isBelieved(source, sources[i - 1], sources[i + 1])) add(source, unitBytes);
      else addMixed(view, first + i * unitBytes, unitBytes);
    });
    const last = first + sources.length * unitBytes;
    addMixed(view, last, end - last);
  }

  function isBelieved(source: Source, before: Source | undefined, after: Source | undefined): boolean {
    if (isPlausible(source, known)) return true;
    return [before, after].some((neighbour) => neighbour && sameSource(neighbour, source));
  }

  function add(source: Source, length: number): void {
    if (mixedBytes > 0) resolveMixed(source);
    append(position, length, source);
    position += length;
  }

  function addMixed(view: DataView, at: number, length: number): void {
    if (length === 0) return;
    mixed.push(new Uint8Array(view.buffer, at, length).slice());
    mixedBytes += length;
    position += length;
    if (mixedBytes >= limits.mixedBytesMax) resolveMixed(undefined);
  }

  function resolveMixed(after: Source | undefined): void {
    let offset = position - mixedBytes;
    const bytes = Buffer.concat(mixed);
    mixed = [];
    mixedBytes = 0;
    for (const { length, source } of mixedPieces(bytes, offset, found.at(-1)?.source, after, known)) {
      append(offset, length, source);
      offset += length;
    }
  }

  function append(offset: number, length: number, source: Source): void {
    const last = found[found.length - 1];
    if (!last || !sameSource(last.source, source)) {
      found.push({ offset, length, source });
      return;
    }
    last.length += length;
    if (last.source.kind === 'unknown' && source.kind === 'unknown') {
      const head = Buffer.concat([last.source.head, source.head]).subarray(0, unitBytes);
      last.source = { kind: 'unknown', head };
    }
  }
}

/** The bytes in a buffer in which sectors begin on words; they are copied only where they don't. */
function inWords(bytes: Uint8Array, offsetBytes: number): { buffer: ArrayBufferLike; start: number } {
  const skew = (bytes.byteOffset + headBytes(offsetBytes)) % 4;
  if (skew === 0) return { buffer: bytes.buffer, start: bytes.byteOffset };
  const start = (4 - (headBytes(offsetBytes) % 4)) % 4;
  const copy = new Uint8Array(start + bytes.length);
  copy.set(bytes, start);
  return { buffer: copy.buffer, start };
}

/** How far the next sector is from there. */
const headBytes = (offsetBytes: number): number => (sectorBytes - (offsetBytes % sectorBytes)) % sectorBytes;

function nobodys(view: DataView, at: number): Source {
  return { kind: 'unknown', head: new Uint8Array(view.buffer, at, unitBytes).slice() };
}
