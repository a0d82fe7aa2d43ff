import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { UsageError } from '../../errors.ts';
import { limits } from '../limits.ts';

/**
 * How many bytes the device has that serves an image file, of which servers can't make more later: a raw image's own
 * length, a qcow2 image's with room to grow. A file is lengthened to it by a hole. UsageError: no device has that length.
 */
export function lengthServed(path: string): number {
  const lengthBytes = statSync(path).size;
  switch (formatOf(path)) {
    case 'raw':
      return mustBeWholeSectors(lengthBytes);
    case 'qcow2':
      return lengthWithRoom(lengthBytes, qcow2VirtualBytes(path));
  }
}

/** By the name that the image store gives it. */
function formatOf(path: string): 'raw' | 'qcow2' {
  return path.endsWith('.qcow2') ? 'qcow2' : 'raw';
}

function mustBeWholeSectors(lengthBytes: number): number {
  if (lengthBytes % sectorBytes === 0) return lengthBytes;
  throw new UsageError(
    `a raw disk of ${lengthBytes} bytes can't be served: devices have whole sectors of ${sectorBytes} bytes`,
    `sizeBytes: ${roundUp(lengthBytes)}, or storage "file"`,
  );
}

/** A job may allocate every cluster, and tables for all of them. */
function lengthWithRoom(lengthBytes: number, virtualBytes: number): number {
  const wanted = Math.max(
    2 * lengthBytes,
    lengthBytes + limits.servedRoomBytesMin,
    virtualBytes * limits.servedRoomRatio,
  );
  return roundUp(Math.max(lengthBytes, Math.min(wanted, limits.qemuFileSizeBytes)));
}

/** The qcow2 header's `size` (docs/interop/qcow2.txt). */
function qcow2VirtualBytes(path: string): number {
  const header = Buffer.alloc(32);
  const file = openSync(path, 'r');
  try {
    readSync(file, header, 0, header.length, 0);
  } finally {
    closeSync(file);
  }
  return Number(header.readBigUInt64BE(24));
}

const sectorBytes = 512;

function roundUp(lengthBytes: number): number {
  return Math.ceil(lengthBytes / sectorBytes) * sectorBytes;
}
