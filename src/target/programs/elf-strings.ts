import { type ElfFile, readElf } from './elf-file.ts';

/**
 * The names of a program's symbols, as one text with zero bytes between them: of its dynamic symbols and, where it is
 * not stripped, of all. undefined for what `readElf` can't read. Format: elf(5), "String and symbol tables".
 */
export const elfSymbolNames = (file: string): string | undefined => readElf(file, namesIn);

function namesIn({ header, piece }: ElfFile): string {
  const at = Number(header.readBigUInt64LE(40));
  const [size, count] = [header.readUInt16LE(58), header.readUInt16LE(60)];
  if (at === 0 || size < 64) return '';
  const sections = Array.from({ length: count }, (_, i) => sectionOf(piece(at + i * size, size)));
  return sections
    .filter(({ type }) => type === symbols || type === dynamicSymbols)
    .flatMap(({ link }) => sections[link] ?? [])
    .map(({ at, bytes }) => piece(at, Math.min(bytes, tableBytesMax)).toString('latin1'))
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
