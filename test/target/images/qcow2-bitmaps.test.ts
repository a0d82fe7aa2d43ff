import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { storedBitmaps } from '../../../src/target/images/qcow2-bitmaps.ts';
import { temporaryDir } from '../temporary.ts';

const cluster = 512;

/** An image of 8 KiB with one bitmap of 512-byte grains; `entry`: of its table, `flags` and `autoclear` as given. */
function image({ entry = 5n * 512n, flags = 2, autoclear = 1n, version = 3 }): string {
  const bytes = Buffer.alloc(6 * cluster);
  bytes.write('QFI\xfb', 0, 'latin1');
  bytes.writeUInt32BE(version, 4);
  bytes.writeUInt32BE(9, 20);
  bytes.writeBigUInt64BE(8192n, 24);
  bytes.writeBigUInt64BE(autoclear, 88);
  bytes.writeUInt32BE(104, 100);
  bytes.writeUInt32BE(0x6803f857, 104); // another extension goes before
  bytes.writeUInt32BE(3, 108);
  bytes.writeUInt32BE(0x23852875, 120);
  bytes.writeUInt32BE(24, 124);
  bytes.writeUInt32BE(1, 128);
  bytes.writeBigUInt64BE(32n, 136);
  bytes.writeBigUInt64BE(3n * 512n, 144);
  const at = 3 * cluster;
  bytes.writeBigUInt64BE(4n * 512n, at);
  bytes.writeUInt32BE(1, at + 8);
  bytes.writeUInt32BE(flags, at + 12);
  bytes.writeUInt8(1, at + 16);
  bytes.writeUInt8(9, at + 17);
  bytes.writeUInt16BE(3, at + 18);
  bytes.write('bm0', at + 24);
  bytes.writeBigUInt64BE(entry, 4 * cluster);
  bytes.set([0b00000110, 0b10000000, 0xff], 5 * cluster);
  const path = join(temporaryDir(), 'a.qcow2');
  writeFileSync(path, bytes);
  return path;
}

const bm0 = { bitmap: 'bm0', granularityBytes: 512, inUse: false };

test('bits count from the lowest of each byte, and those beyond the disk are none', () => {
  const dirty = [
    [512, 1024],
    [7680, 512],
  ];
  expect(storedBitmaps(image({}))).toEqual([{ ...bm0, dirty }]);
});

test.each([
  ['none of the bits', 0n, []],
  ['all of them', 1n, [[0, 8192]]],
])('an entry that points nowhere stands for %s', (_, entry, dirty) => {
  expect(storedBitmaps(image({ entry }))).toEqual([{ ...bm0, dirty }]);
});

test('one that was not stored in order says so', () => {
  expect(storedBitmaps(image({ flags: 3 }))).toMatchObject([{ inUse: true }]);
});

test('what a writer that knows no bitmaps has left is none', () => {
  expect(storedBitmaps(image({ autoclear: 0n }))).toEqual([]);
});

test('a table beyond the end of the file is not read', () => {
  expect(storedBitmaps(image({ entry: 2n ** 20n }))).toBe(undefined);
});
