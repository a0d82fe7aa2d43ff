import { closeSync, openSync, readSync } from 'node:fs';

/** A 64-bit little-endian ELF file that is open: its header, and its bytes. Format: elf(5). */
export type ElfFile = {
  header: Buffer;
  /** Throws CutOff where the file ends before. */
  piece(at: number, bytes: number): Buffer;
};

/**
 * What `read` makes of the file, which is open for so long. undefined where there is no such file, it is no ELF file of 64 bits
 * and little-endian, or it is cut off before what `read` asks of it.
 */
export function readElf<T>(file: string, read: (elf: ElfFile) => T): T | undefined {
  let fd: number;
  try {
    fd = openSync(file, 'r');
  } catch {
    return undefined;
  }
  try {
    const piece = (at: number, bytes: number): Buffer => pieceOf(fd, at, bytes);
    const header = piece(0, headerBytes);
    const is64BitLittleEndian = header.readUInt32BE(0) === 0x7f454c46 && header.readUInt16BE(4) === 0x0201;
    return is64BitLittleEndian ? read({ header, piece }) : undefined;
  } catch (error) {
    if (error instanceof CutOff) return undefined;
    throw error;
  } finally {
    closeSync(fd);
  }
}

class CutOff extends Error {}

const headerBytes = 64;

function pieceOf(fd: number, at: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  if (readSync(fd, buffer, 0, bytes, at) < bytes) throw new CutOff();
  return buffer;
}
