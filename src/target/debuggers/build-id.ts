import { type ElfFile, readElf } from '../programs/elf-file.ts';

/**
 * The build id of a 64-bit little-endian ELF file in hexadecimal digits (NT_GNU_BUILD_ID; elf(5)): two files with the
 * same id have the same code at the same offsets. undefined where it has none, or `readElf` can't read it.
 */
export const buildId = (file: string): string | undefined => readElf(file, idIn);

function idIn({ header, piece }: ElfFile): string | undefined {
  const at = Number(header.readBigUInt64LE(32));
  const [size, count] = [header.readUInt16LE(54), header.readUInt16LE(56)];
  if (size < segmentBytes) return undefined;
  for (let i = 0; i < count; i++) {
    const segment = piece(at + i * size, size);
    if (segment.readUInt32LE(0) !== noteSegment) continue;
    const bytes = Math.min(Number(segment.readBigUInt64LE(32)), noteBytesMax);
    const id = inNotes(piece(Number(segment.readBigUInt64LE(8)), bytes));
    if (id !== undefined) return id;
  }
  return undefined;
}

const segmentBytes = 56;
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
