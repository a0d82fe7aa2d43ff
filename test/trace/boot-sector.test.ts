import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findExecutable } from '../../src/target/programs/executable.ts';
import { bootSector } from '../../src/trace/boot-sector.ts';
import { temporaryDir } from '../target/temporary.ts';

const source = join(import.meta.dirname, '../../guest/boot-sector.asm');
const nasm = findExecutable('nasm');

test('the boot sector is a sector, and ends as the BIOS wants it', () => {
  expect(bootSector.length).toBe(512);
  expect([...bootSector.subarray(510)]).toEqual([0x55, 0xaa]);
});

if (nasm)
  test('the bytes are those that its source assembles to', () => {
    const file = join(temporaryDir(), 'boot-sector.bin');
    execFileSync(nasm, ['-f', 'bin', '-o', file, source]);
    expect(readFileSync(file).toString('hex')).toBe(bootSector.toString('hex'));
  });
else test.skip('its source is not assembled: nasm is not installed', () => {});
