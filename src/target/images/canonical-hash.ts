import { createHash } from 'node:crypto';
import { sectorBytes } from '../../trace/content-bytes.ts';
import { repeatsUnit, sectorWords, unitWords } from './stamp-unit.ts';

/**
 * SHA-256 over the canonical form of a disk's content, which depends on the content alone: not on the image's format,
 * on what is allocated, or on how the content was cut for this. The form is
 *
 *     the line "mirrorfuzz content 1 SIZE\n", in ASCII: the size in bytes, decimal, a multiple of 512
 *     then, in the disk's order, a record for
 *       each longest run of sectors (512 bytes) that are zero:    0 in 4 bytes, their number in 8 bytes
 *       each other sector that is its first 16 bytes, repeated:   1 in 4 bytes, those 16 bytes
 *       each sector that is anything else:                        2 in 4 bytes, its 512 bytes
 *
 * with numbers little endian; so a run of zeroes costs its length only, and a stamped sector its stamp.
 */
export type CanonicalHash = {
  /** Whole sectors, one piece behind the other. */
  push(bytes: Buffer): void;
  pushZeroes(lengthBytes: number): void;
  /** In hexadecimal. */
  end(): string;
};

export function openCanonicalHash(sizeBytes: number): CanonicalHash {
  const hash = createHash('sha256').update(`mirrorfuzz content 1 ${sizeBytes}\n`);
  const block = new Int32Array(blockWords);
  let filled = 0;
  let zeroSectors = 0;

  return {
    push(bytes) {
      const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
      for (let at = 0; at < words.length; at += sectorWords) {
        if (!repeatsUnit(words, at)) record(anything, words, at, sectorWords);
        else if (isZero(words, at)) zeroSectors++;
        else record(repeated, words, at, unitWords);
      }
    },
    pushZeroes(lengthBytes) {
      zeroSectors += lengthBytes / sectorBytes;
    },
    end() {
      zeroes();
      flush();
      return hash.digest('hex');
    },
  };

  function record(tag: number, words: Int32Array, from: number, count: number): void {
    zeroes();
    if (filled + longestRecordWords > blockWords) flush();
    block[filled++] = tag;
    for (let i = from; i < from + count; i++) block[filled++] = words[i] as number;
  }

  function zeroes(): void {
    if (zeroSectors === 0) return;
    if (filled + longestRecordWords > blockWords) flush();
    block[filled++] = 0;
    block[filled++] = littleEndian(zeroSectors);
    block[filled++] = littleEndian(Math.floor(zeroSectors / 2 ** 32));
    zeroSectors = 0;
  }

  function flush(): void {
    hash.update(block.subarray(0, filled));
    filled = 0;
  }
}

const repeated = littleEndian(1);
const anything = littleEndian(2);

const isZero = (words: Int32Array, at: number): boolean =>
  words[at] === 0 && words[at + 1] === 0 && words[at + 2] === 0 && words[at + 3] === 0;

/** The word that lies in memory as that number, on any processor. */
function littleEndian(number: number): number {
  const word = new Int32Array(1);
  new DataView(word.buffer).setInt32(0, number, true);
  return word[0] as number;
}

/** A call of the hash costs as much as hashing some records. */
const blockWords = 16 * 1024;
const longestRecordWords = 1 + sectorWords;
