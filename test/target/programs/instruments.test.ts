import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { elfSymbolNames } from '../../../src/target/programs/elf-strings.ts';
import {
  instrumentsOf,
  instrumentsOfTarget,
  slownessOf,
  withInstruments,
} from '../../../src/target/programs/instruments.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mf-test-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const program = (file: string) => ({ argv: [file], env: {} });

/** An ELF file with nothing but a table of names: what a build's symbols look like to who reads no code. */
function fakeElf(name: string, symbols: readonly string[]): string {
  const names = Buffer.from(`\0${symbols.join('\0')}\0`);
  const header = Buffer.alloc(64);
  header.write('\x7fELF\x02\x01\x01', 'latin1');
  header.writeBigUInt64LE(BigInt(64 + names.length), 40);
  header.writeUInt16LE(64, 58);
  header.writeUInt16LE(2, 60);
  const [table, strings] = [Buffer.alloc(64), Buffer.alloc(64)];
  table.writeUInt32LE(11, 4);
  table.writeUInt32LE(1, 40);
  strings.writeUInt32LE(3, 4);
  strings.writeBigUInt64LE(64n, 24);
  strings.writeBigUInt64LE(BigInt(names.length), 32);
  const file = join(dir, name);
  writeFileSync(file, Buffer.concat([header, names, table, strings]), { mode: 0o755 });
  return file;
}

test('a build is known by its symbols, and no other by them', () => {
  const asan = fakeElf('qemu-storage-daemon', ['malloc', '__asan_init', '__ubsan_handle_pointer_overflow']);
  expect(instrumentsOf(program(asan))).toEqual(['AddressSanitizer', 'UndefinedBehaviorSanitizer']);
  const counting = fakeElf('qemu-img', ['__gcov_init', '__sanitizer_cov_8bit_counters_init']);
  expect(instrumentsOf(program(counting))).toEqual(['gcov', 'SanitizerCoverage']);
  expect(instrumentsOf(program(fakeElf('qemu-io', ['malloc', '__asan_init_'])))).toEqual([]);
});

test('a script is looked through, and what is no program has no instruments', () => {
  const asan = fakeElf('qemu-nbd', ['__asan_init']);
  const script = join(dir, 'wrapper');
  writeFileSync(script, `#!/bin/sh\nexec ${asan} "$@"\n`, { mode: 0o755 });
  expect(instrumentsOf(program(script))).toEqual(['AddressSanitizer']);
  writeFileSync(script, '\x7fELF\x02\x01', { mode: 0o755 });
  expect(instrumentsOf(program(script))).toEqual([]);
  expect(instrumentsOf(program(join(dir, 'nowhere')))).toEqual([]);
});

test('what QEMU is built with decides on its settings; the programs of the system have none', () => {
  const asan = program(fakeElf('qemu-storage-daemon', ['__asan_init']));
  const counting = program(fakeElf('qemu-system-x86_64', ['__gcov_exit']));
  const { daemon, system } = withInstruments({ daemon: asan, system: counting }, dir);
  expect(daemon?.env.ASAN_OPTIONS).toMatch(/^allocator_may_return_null=1:/);
  expect(daemon?.writes).toBeUndefined();
  expect(system).toMatchObject({ writes: [join(dir, 'mirrorfuzz-coverage')], instruments: ['gcov'] });
  expect(instrumentsOfTarget({ daemon, system } as never)).toEqual(['AddressSanitizer', 'gcov']);
  expect([slownessOf(daemon as never), slownessOf(system as never)]).toEqual([3, 2]);
  const plain = program('/bin/sh');
  expect(withInstruments({ daemon: plain }, dir)).toEqual({ daemon: plain });
  expect(slownessOf(plain)).toBe(1);
});

const hasCompiler = spawnSync('cc', ['--version']).status === 0;

test.runIf(hasCompiler)('gcov is seen in what a compiler really makes of a program', () => {
  const [source, built] = [join(dir, 'a.c'), join(dir, 'a.out')];
  writeFileSync(source, 'int main(void) { return 0; }\n');
  expect(spawnSync('cc', ['--coverage', source, '-o', built], { cwd: dir }).status).toBe(0);
  expect(instrumentsOf(program(built))).toEqual(['gcov']);
  expect(elfSymbolNames(built)).toContain('main\0');
});
