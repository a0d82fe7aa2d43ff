import { createCipheriv, createDecipheriv } from 'node:crypto';
import { sectorBytes } from '../../trace/content-bytes.ts';

/**
 * AES-XTS over sectors of 512 bytes, each by its number ("xts-plain64"), as LUKS images and encrypted qcow2 images have
 * it. The key is both halves of XTS: 32 bytes for AES-128, 64 for AES-256.
 */
export type SectorCipher = {
  /** Whole sectors, the first of that number; in place. */
  encrypt(bytes: Buffer, firstSector: number): void;
  decrypt(bytes: Buffer, firstSector: number): void;
};

/** undefined: no such key is known here. */
export function sectorCipher(key: Buffer): SectorCipher | undefined {
  const algorithm = { 32: 'aes-128-ecb', 64: 'aes-256-ecb' }[key.length];
  if (algorithm === undefined) return undefined;
  const [forBlocks, forNumbers] = [key.subarray(0, key.length / 2), key.subarray(key.length / 2)];
  const encrypted = (bytes: Buffer, by: Buffer): Buffer =>
    createCipheriv(algorithm, by, null).setAutoPadding(false).update(bytes);
  const tweaksFrom = (first: number, sectors: number): Int32Array =>
    tweaks(encrypted(numbers(first, sectors), forNumbers));
  return {
    encrypt: (bytes, first) => carryOut(bytes, first, tweaksFrom, (each) => encrypted(each, forBlocks)),
    decrypt: (bytes, first) =>
      carryOut(bytes, first, tweaksFrom, (each) =>
        createDecipheriv(algorithm, forBlocks, null).setAutoPadding(false).update(each),
      ),
  };
}

/** Node's own XTS takes one sector a cipher, and to make a cipher costs ten times what a sector does. */
function carryOut(
  bytes: Buffer,
  first: number,
  tweaksFrom: (first: number, sectors: number) => Int32Array,
  crypt: (bytes: Buffer) => Buffer,
): void {
  const sectors = Math.floor(bytes.length / sectorBytes);
  if (sectors === 0) return;
  const masks = tweaksFrom(first, sectors);
  const words = new Int32Array(masks.length);
  const inWords = Buffer.from(words.buffer);
  bytes.copy(inWords, 0, 0, sectors * sectorBytes);
  mask(words, masks);
  crypt(inWords).copy(inWords);
  mask(words, masks);
  inWords.copy(bytes);
}

function mask(words: Int32Array, masks: Int32Array): void {
  for (let i = 0; i < words.length; i++) words[i] = (words[i] as number) ^ (masks[i] as number);
}

function numbers(first: number, sectors: number): Buffer {
  const bytes = Buffer.alloc(sectors * 16);
  for (let i = 0; i < sectors; i++) bytes.writeBigUInt64LE(BigInt(first + i), i * 16);
  return bytes;
}

/** Of each block of a sector: the one before it, doubled in GF(2^128) (IEEE 1619). */
function tweaks(firstOnes: Buffer): Int32Array {
  const made = new Int32Array((firstOnes.length / 16) * (sectorBytes / 4));
  for (let sector = 0, at = 0; sector * 16 < firstOnes.length; sector++) {
    let [a, b, c, d] = [0, 4, 8, 12].map((word) => firstOnes.readInt32LE(sector * 16 + word)) as Four;
    for (let block = 0; block < sectorBytes / 16; block++) {
      made[at++] = a;
      made[at++] = b;
      made[at++] = c;
      made[at++] = d;
      const carry = d >>> 31;
      d = (d << 1) | (c >>> 31);
      c = (c << 1) | (b >>> 31);
      b = (b << 1) | (a >>> 31);
      a = (a << 1) ^ (carry * 0x87);
    }
  }
  return made;
}

type Four = [number, number, number, number];
