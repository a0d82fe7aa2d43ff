import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildId } from '../../../src/target/debuggers/build-id.ts';
import { elfSymbolNames } from '../../../src/target/programs/elf-strings.ts';
import { temporaryDir } from '../temporary.ts';

/** A program with one segment of notes: the ABI's, then the build id. */
function program(...notes: { type: number; name: string; text: string }[]): Buffer {
  const body = Buffer.concat(
    notes.map(({ type, name, text }) => {
      const head = Buffer.alloc(12);
      const [words, value] = [Buffer.from(`${name}\0`), Buffer.from(text, 'hex')];
      head.writeUInt32LE(words.length, 0);
      head.writeUInt32LE(value.length, 4);
      head.writeUInt32LE(type, 8);
      return Buffer.concat([head, padded(words), padded(value)]);
    }),
  );
  const file = Buffer.alloc(64 + 56);
  file.write('\x7fELF\x02\x01', 'latin1');
  file.writeBigUInt64LE(64n, 32);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(1, 56);
  file.writeUInt32LE(4, 64);
  file.writeBigUInt64LE(BigInt(file.length), 64 + 8);
  file.writeBigUInt64LE(BigInt(body.length), 64 + 32);
  return Buffer.concat([file, body]);
}

const padded = (bytes: Buffer): Buffer => Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
const id = 'd9541fd67c4ea37f9ca7fca0f5096f32b3b7e7e0';

function stored(bytes: Buffer): string {
  const file = join(temporaryDir(), 'program');
  writeFileSync(file, bytes);
  return file;
}

test('the build id is the note of the linker, whatever notes come before it', () => {
  const abi = { type: 1, name: 'GNU', text: '00000000030000000200000000000000' };
  const other = { type: 3, name: 'stapsdt', text: 'ffff' };
  expect(buildId(stored(program(abi, other, { type: 3, name: 'GNU', text: id })))).toBe(id);
  expect(buildId(stored(program(abi)))).toBeUndefined();
});

test('a program of this machine has one', () => {
  expect(buildId(process.execPath) ?? 'none of the linker').toMatch(/^[0-9a-f]{40}$|^none/);
});

test('what is no such file, or cut off, has none', () => {
  const whole = program({ type: 3, name: 'GNU', text: id });
  for (const bytes of [
    Buffer.alloc(0),
    Buffer.from('#!/bin/sh'),
    whole.subarray(0, 70),
    whole.subarray(0, 125),
  ])
    expect(buildId(stored(bytes))).toBeUndefined();
  expect(buildId('/nowhere')).toBeUndefined();
  expect(readFileSync(stored(whole)).length).toBe(whole.length);
});

test('of a file that is cut off neither id nor symbols are known, wherever it ends', () => {
  const whole = program({ type: 3, name: 'GNU', text: id });
  for (const end of [0, 4, 63, 64, 100, whole.length - 1]) {
    const file = stored(whole.subarray(0, end));
    expect(buildId(file)).toBeUndefined();
    if (end < 64) expect(elfSymbolNames(file)).toBeUndefined();
  }
  // Its sections are told to begin where the file has ended.
  const cut = Buffer.from(whole);
  cut.writeBigUInt64LE(BigInt(whole.length), 40);
  cut.writeUInt16LE(64, 58);
  cut.writeUInt16LE(1, 60);
  expect(elfSymbolNames(stored(cut))).toBeUndefined();
  expect(buildId(stored(cut))).toBe(id);
});
