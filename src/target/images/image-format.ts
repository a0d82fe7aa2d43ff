import type { ByteRun } from '../../sequence/fill.ts';
import type { Part } from './qcow2-image.ts';
import type { SectorCipher } from './sector-cipher.ts';

/** A disk's content as one of the lesser formats is to hold it: no backing file, sizes in whole sectors. */
export type FormatSpec = {
  sizeBytes: number;
  runs: readonly ByteRun[];
  contentAt(offsetBytes: number, lengthBytes: number): Buffer;
};

export type MadeImage = { lengthBytes: number; parts(): Generator<Part> };

/** Bytes of the image's file; undefined where it ends before. */
export type ReadPart = (offsetBytes: number, lengthBytes: number) => Buffer | undefined;

/** Where an image's content lies in its file, sorted; `offsetBytes` undefined: zero. What no stretch covers is zero. */
export type FormatMap = {
  sizeBytes: number;
  own: OwnStretch[];
  sealed?: Sealed;
};

/** `offsetBytes` in the file, or undefined where it is zero. */
export type OwnStretch = { startBytes: number; lengthBytes: number; offsetBytes: number | undefined };

/** What lies in the file is encrypted: the sector at that offset of the file is number 0. */
export type Sealed = { cipher: SectorCipher; firstByteAt: number };

/** The content between two places, with the zeroes that lie between the runs. */
export function withZeroes({ runs, contentAt }: FormatSpec, from: number, lengthBytes: number): Buffer {
  const bytes = Buffer.alloc(lengthBytes);
  for (const [offset, length] of runs) {
    const begin = Math.max(offset, from);
    const end = Math.min(offset + length, from + lengthBytes);
    if (begin < end) contentAt(begin, end - begin).copy(bytes, begin - from);
  }
  return bytes;
}

/** The numbers of the units of that size in which some run lies. */
export function unitsHeld({ runs }: Pick<FormatSpec, 'runs'>, unitBytes: number): number[] {
  const held = new Set<number>();
  for (const [offset, length] of runs)
    for (let unit = Math.floor(offset / unitBytes); unit * unitBytes < offset + length; unit++)
      held.add(unit);
  return [...held].sort((one, other) => one - other);
}

/** A table of places, a unit each; `undefined` where it has none. */
export function stretchesOf(
  sizeBytes: number,
  unitBytes: number,
  places: Iterable<number | undefined>,
): OwnStretch[] {
  const own: OwnStretch[] = [];
  let startBytes = 0;
  for (const offsetBytes of places) {
    const lengthBytes = Math.min(unitBytes, sizeBytes - startBytes);
    if (offsetBytes !== undefined && lengthBytes > 0) own.push({ startBytes, lengthBytes, offsetBytes });
    startBytes += unitBytes;
  }
  return own;
}
