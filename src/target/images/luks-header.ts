import { createHash, pbkdf2Sync } from 'node:crypto';
import { diskKey } from '../../sequence/disk-key.ts';
import { type SectorCipher, sectorCipher } from './sector-cipher.ts';

/**
 * The header of LUKS version 1 (LUKS On-Disk Format Specification 1.2.3): the master key, split into 4000 stripes and
 * encrypted by a key that is derived from the passphrase. What lies behind it, or in the clusters of a qcow2 image, is
 * encrypted by the master key.
 */
export type Luks = {
  /** Where the encrypted content begins, from the header's begin on; the header and all key slots lie before. */
  payloadBytes: number;
  cipher: SectorCipher;
};

/** The one header that this program writes: its master key is no secret, so every image has the same. */
export function luksHeader(): Luks & { bytes: Buffer } {
  if (made) return made;
  const header = Buffer.alloc(slotsAt);
  header.write('LUKS\xba\xbe', 0, 'latin1');
  header.writeUInt16BE(1, 6);
  header.write('aes', 8);
  header.write('xts-plain64', 40);
  header.write('sha256', 72);
  header.writeUInt32BE(payloadSectors, 104);
  header.writeUInt32BE(masterKey.length, 108);
  pbkdf2Sync(masterKey, salt, iterations, digestBytes, 'sha256').copy(header, 112);
  salt.copy(header, 132);
  header.writeUInt32BE(iterations, 164);
  header.write('6d697272-6f72-4675-8a7a-000000000001', 168);
  for (let slot = 0; slot < slots; slot++) {
    const at = 208 + slot * 48;
    header.writeUInt32BE(slot === 0 ? slotActive : slotDisabled, at);
    if (slot === 0) {
      header.writeUInt32BE(iterations, at + 4);
      salt.copy(header, at + 8);
    }
    header.writeUInt32BE((slotsAt + slot * slotBytes) / 512, at + 40);
    header.writeUInt32BE(stripes, at + 44);
  }
  const material = Buffer.alloc(masterKey.length * stripes);
  xor(diffused(material), masterKey).copy(material, material.length - masterKey.length);
  const wrapping = pbkdf2Sync(diskKey.data, salt, iterations, masterKey.length, 'sha256');
  cipherOf(wrapping).encrypt(material, 0);
  made = {
    bytes: Buffer.concat([header, material]),
    payloadBytes: payloadSectors * 512,
    cipher: cipherOf(masterKey),
  };
  return made;
}

/**
 * Opens a header by the arena's passphrase; `read` gives bytes from the header's begin on. undefined: there is none, no
 * slot takes that passphrase, or it is of a cipher or a hash that is not known here.
 */
export function openLuks(
  read: (offsetBytes: number, lengthBytes: number) => Buffer | undefined,
): Luks | undefined {
  const header = read(0, 592);
  if (header?.toString('latin1', 0, 6) !== 'LUKS\xba\xbe' || header.readUInt16BE(6) !== 1) return undefined;
  if (text(header, 8) !== 'aes' || text(header, 40) !== 'xts-plain64' || text(header, 72) !== 'sha256')
    return undefined;
  const payloadBytes = header.readUInt32BE(104) * 512;
  const known = opened?.header.equals(header) ? opened.cipher : undefined;
  const cipher = known ?? unlock(header, read);
  if (!cipher) return undefined;
  opened = { header, cipher };
  return { payloadBytes, cipher };
}

function unlock(header: Buffer, read: Parameters<typeof openLuks>[0]): SectorCipher | undefined {
  const keyBytes = header.readUInt32BE(108);
  for (let at = 208; at < 208 + slots * 48; at += 48) {
    if (header.readUInt32BE(at) !== slotActive || header.readUInt32BE(at + 44) !== stripes) continue;
    const material = read(header.readUInt32BE(at + 40) * 512, roundUp(keyBytes * stripes));
    const slotSalt = header.subarray(at + 8, at + 40);
    const wrapping = pbkdf2Sync(diskKey.data, slotSalt, header.readUInt32BE(at + 4), keyBytes, 'sha256');
    const unwrap = sectorCipher(wrapping);
    if (!material || !unwrap) continue;
    unwrap.decrypt(material, 0);
    const split = material.subarray(0, keyBytes * stripes);
    const key = xor(diffused(split, keyBytes), split.subarray(split.length - keyBytes));
    const digest = pbkdf2Sync(
      key,
      header.subarray(132, 164),
      header.readUInt32BE(164),
      digestBytes,
      'sha256',
    );
    if (digest.equals(header.subarray(112, 112 + digestBytes))) return sectorCipher(key);
  }
  return undefined;
}

/** What all stripes but the last have come to: the anti-forensic splitter's running hash. */
function diffused(material: Buffer, keyBytes = masterKey.length): Buffer {
  let sum: Buffer = Buffer.alloc(keyBytes);
  for (let at = 0; at < material.length - keyBytes; at += keyBytes)
    sum = hashed(xor(sum, material.subarray(at, at + keyBytes)));
  return sum;
}

function hashed(bytes: Buffer): Buffer {
  const number = Buffer.alloc(4);
  const blocks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += hashBytes) {
    number.writeUInt32BE(at / hashBytes);
    blocks.push(
      createHash('sha256')
        .update(number)
        .update(bytes.subarray(at, at + hashBytes))
        .digest(),
    );
  }
  return Buffer.concat(blocks).subarray(0, bytes.length);
}

function xor(one: Buffer, other: Buffer): Buffer {
  return Buffer.from(one.map((byte, i) => byte ^ (other[i] ?? 0)));
}

function cipherOf(key: Buffer): SectorCipher {
  const cipher = sectorCipher(key);
  if (!cipher) throw new Error(`unreachable: a key of ${key.length} bytes`);
  return cipher;
}

const text = (header: Buffer, at: number): string =>
  header.toString('latin1', at, at + 32).replace(/\0.*$/s, '');
const roundUp = (bytes: number): number => Math.ceil(bytes / 512) * 512;

let made: (Luks & { bytes: Buffer }) | undefined;
/** The header that was opened last: deriving a key costs more than reading a small image. */
let opened: { header: Buffer; cipher: SectorCipher } | undefined;

const masterKey = createHash('sha256').update('mirrorfuzz').digest();
const salt = createHash('sha256').update('salt').digest();
/** The least that LUKS allows: opening the image costs QEMU a millisecond or two. */
const iterations = 1000;
const stripes = 4000;
const slots = 8;
const slotActive = 0x00ac71f3;
const slotDisabled = 0x0000dead;
const digestBytes = 20;
const hashBytes = 32;
/** The header takes 4 KiB, and so does what each slot is rounded up to. */
const slotsAt = 4096;
const slotBytes = Math.ceil((masterKey.length * stripes) / 4096) * 4096;
const payloadSectors = (slotsAt + slots * slotBytes) / 512;
