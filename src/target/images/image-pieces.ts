import { closeSync, openSync, readSync } from 'node:fs';
import { sectorBytes } from '../../trace/content-bytes.ts';
import { limits } from '../limits.ts';
import type { Extent } from './image-map.ts';

/** A part of a disk, in whole sectors. The buffer is used again for the next one. */
export type BytesPiece = { zeroes: number } | { bytes: Buffer };

/** Reads the whole disk from where its extents (sorted) lie; what none covers, or lies behind a file's end, is zero. */
export function* pieces(sizeBytes: number, extents: readonly Extent[]): Generator<BytesPiece> {
  const files = openFiles();
  const buffer = Buffer.allocUnsafeSlow(limits.readPieceBytes);
  let done = 0;
  try {
    for (let i = 0; i < extents.length; ) {
      const start = Math.max(done, wholeSectors((extents[i] as Extent).startBytes, Math.floor));
      if (start > done) yield { zeroes: start - done };
      const room = start + buffer.length;
      let end = start;
      for (let next = i; next < extents.length && end < room; next++) {
        const extent = extents[next] as Extent;
        if (next > i && extent.startBytes > end + limits.readOverBytes) break;
        end = Math.min(wholeSectors(endOf(extent), Math.ceil), room, sizeBytes);
      }
      const bytes = buffer.subarray(0, end - start);
      fill(bytes, start, i);
      yield { bytes };
      done = end;
      while (i < extents.length && endOf(extents[i] as Extent) <= done) i++;
    }
    if (done < sizeBytes) yield { zeroes: sizeBytes - done };
  } finally {
    files.close();
  }

  function fill(bytes: Buffer, start: number, first: number): void {
    let filled = 0;
    for (let i = first; filled < bytes.length && i < extents.length; i++) {
      const { startBytes, lengthBytes, path, fileOffsetBytes, sealed } = extents[i] as Extent;
      const from = Math.max(startBytes - start, 0);
      const to = Math.min(startBytes + lengthBytes - start, bytes.length);
      if (from >= to) break;
      bytes.fill(0, filled, from);
      const skipped = start + from - startBytes;
      const at = fileOffsetBytes + skipped;
      filled = from + readUpTo(files.open(path), bytes.subarray(from, to), at);
      // What lies behind the end of a file is zero, be the rest encrypted or not.
      sealed?.cipher.decrypt(bytes.subarray(from, filled), (at - sealed.firstByteAt) / sectorBytes);
    }
    bytes.fill(0, filled);
  }
}

const endOf = ({ startBytes, lengthBytes }: Extent): number => startBytes + lengthBytes;

const wholeSectors = (offsetBytes: number, round: (sectors: number) => number): number =>
  round(offsetBytes / sectorBytes) * sectorBytes;

function openFiles(): { open(path: string): number; close(): void } {
  const files = new Map<string, number>();
  return {
    open(path) {
      const fd = files.get(path) ?? openSync(path, 'r');
      files.set(path, fd);
      return fd;
    },
    close: () => files.forEach((fd) => void closeSync(fd)),
  };
}

/** How much there was: less at the end of the file. */
function readUpTo(fd: number, bytes: Buffer, offsetBytes: number): number {
  let done = 0;
  while (done < bytes.length) {
    const got = readSync(fd, bytes, done, bytes.length - done, offsetBytes + done);
    if (got === 0) break;
    done += got;
  }
  return done;
}
