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
  const algorithm = { 32: 'aes-128-xts', 64: 'aes-256-xts' }[key.length];
  if (algorithm === undefined) return undefined;
  return {
    encrypt: (bytes, first) => each(bytes, first, (iv) => createCipheriv(algorithm, key, iv)),
    decrypt: (bytes, first) => each(bytes, first, (iv) => createDecipheriv(algorithm, key, iv)),
  };
}

function each(bytes: Buffer, first: number, begin: (iv: Buffer) => { update(bytes: Buffer): Buffer }): void {
  const iv = Buffer.alloc(16);
  for (let at = 0; at + sectorBytes <= bytes.length; at += sectorBytes) {
    iv.writeBigUInt64LE(BigInt(first + at / sectorBytes));
    begin(iv)
      .update(bytes.subarray(at, at + sectorBytes))
      .copy(bytes, at);
  }
}
