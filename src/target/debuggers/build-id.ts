import { closeSync, openSync, readSync } from 'node:fs';

/**
 * The build id of a 64-bit little-endian ELF file in hexadecimal digits (NT_GNU_BUILD_ID; elf(5)): two files with the
 * same id have the same code at the same offsets. undefined where it has none, or is no such file.
 */
export function buildId(file: string): string | undefined {
  let fd: number;
  try {
    fd = openSync(file, 'r');
  } catch {
    return undefined;
  }
  try {
    const head = read(fd, 0, 64);
    if (head.readUInt32BE(0) !== 0x7f454c46 || head[4] !== 2 || head[5] !== 1) return undefined;
    const [at, size, count] = [
      Number(head.readBigUInt64LE(32)),
      head.readUInt16LE(54),
      head.readUInt16LE(56),
    ];
    for (let i = 0; i < count; i++) {
      const segment = read(fd, at + i * size, size);
      if (segment.readUInt32LE(0) !== noteSegment) continue;
      const bytes = Math.min(Number(segment.readBigUInt64LE(32)), noteBytesMax);
      const id = inNotes(read(fd, Number(segment.readBigUInt64LE(8)), bytes));
      if (id !== undefined) return id;
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // a file that is cut off
  } finally {
    closeSync(fd);
  }
  return undefined;
}

const noteSegment = 4;
/** An id is 20 bytes; a file that claims more of its notes is none of a linker's. */
const noteBytesMax = 4096;

function inNotes(notes: Buffer): string | undefined {
  for (let at = 0; at + 12 <= notes.length; ) {
    const [nameBytes, bytes, type] = [0, 4, 8].map((offset) => notes.readUInt32LE(at + offset)) as [
      number,
      number,
      number,
    ];
    const begin = at + 12 + padded(nameBytes);
    if (type === 3 && notes.toString('latin1', at + 12, at + 15) === 'GNU')
      return notes.subarray(begin, begin + bytes).toString('hex') || undefined;
    at = begin + padded(bytes);
  }
  return undefined;
}

const padded = (bytes: number): number => (bytes + 3) & ~3;

function read(fd: number, at: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  return buffer.subarray(0, readSync(fd, buffer, 0, bytes, at));
}
