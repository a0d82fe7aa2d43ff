import { closeSync, openSync, readSync } from 'node:fs';

/**
 * The names of a program's symbols, as one text with zero bytes between them: of its dynamic symbols and, where it is
 * not stripped, of all. undefined for what is no 64-bit little-endian ELF file. Format: elf(5), "String and symbol tables".
 */
export function elfSymbolNames(file: string): string | undefined {
  let fd: number;
  try {
    fd = openSync(file, 'r');
  } catch {
    return undefined;
  }
  try {
    return namesIn(fd);
  } catch (error) {
    if (error instanceof RangeError) return undefined; // cut off
    throw error;
  } finally {
    closeSync(fd);
  }
}

function namesIn(fd: number): string | undefined {
  const header = piece(fd, 0, 64);
  const is64BitLittleEndian = header.readUInt32BE(0) === 0x7f454c46 && header.readUInt16BE(4) === 0x0201;
  if (!is64BitLittleEndian) return undefined;
  const at = Number(header.readBigUInt64LE(40));
  const [size, count] = [header.readUInt16LE(58), header.readUInt16LE(60)];
  if (at === 0 || size < 64) return '';
  const sections = Array.from({ length: count }, (_, i) => sectionOf(piece(fd, at + i * size, size)));
  return sections
    .filter(({ type }) => type === symbols || type === dynamicSymbols)
    .flatMap(({ link }) => sections[link] ?? [])
    .map(({ at, bytes }) => piece(fd, at, Math.min(bytes, tableBytesMax)).toString('latin1'))
    .join('');
}

/** SHT_SYMTAB and SHT_DYNSYM; sh_link is the section with their names. */
const symbols = 2;
const dynamicSymbols = 11;

/** QEMU with everything built in has 5 MB of names. */
const tableBytesMax = 64 * 2 ** 20;

type Section = { type: number; at: number; bytes: number; link: number };

const sectionOf = (entry: Buffer): Section => ({
  type: entry.readUInt32LE(4),
  at: Number(entry.readBigUInt64LE(24)),
  bytes: Number(entry.readBigUInt64LE(32)),
  link: entry.readUInt32LE(40),
});

function piece(fd: number, at: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  if (readSync(fd, buffer, 0, bytes, at) < bytes) throw new RangeError('the file ends before');
  return buffer;
}
