import { readFileSync } from 'node:fs';
import { readGdb } from '../../../src/findings/stacks/gdb-text.ts';
import { readSanitizer } from '../../../src/findings/stacks/sanitizer-text.ts';
import type { Stack } from '../../../src/findings/stacks/stack.ts';
import { readValgrind } from '../../../src/findings/stacks/valgrind-text.ts';

/** What a debugger has said of a real QEMU; mappings of other libraries are left out. */
export const recordedText = (name: string): string =>
  readFileSync(new URL(`recorded/${name}.txt`, import.meta.url), 'utf8');

/** Where valgrind loads a program that may lie anywhere. */
const loaded = ['qemu-storage-daemon', 'qemu-system-x86_64'].map((program, i) => ({
  from: 0x108000n,
  to: [0x400000n, 0x1000000n][i] as bigint,
  base: 0x108000n,
  file: `/usr/bin/${program}`,
}));

const builds = ['9ffb0ed601852ae9', 'd9541fd67c4ea37f'] as const;

/** The 7.2 that 4ea3d4aebf19 was seen on by gdb, and by valgrind; 984d43510d2e by valgrind. */
export const gdbOf4ea3 = (): Stack => stack('gdb', readGdb(recordedText('gdb-sigsegv-7.2')), builds[0]);
export const valgrindOf4ea3 = (): Stack =>
  stack('valgrind', readValgrind(recordedText('valgrind-4ea3-7.2'), loaded.slice(0, 1)), builds[0]);
export const valgrindOf984d = (): Stack =>
  stack('valgrind', readValgrind(recordedText('valgrind-984d-7.2'), loaded.slice(1)), builds[1]);
export const gdbOfHang = (): Stack => stack('gdb', readGdb(recordedText('gdb-hang-7.2')), builds[0]);
export const gdbOfAssertion = (): Stack =>
  stack('gdb', readGdb(recordedText('gdb-assertion-11.1')), '19082c1198d23ae4');
export const sanitizerStack = (): Stack =>
  stack('sanitizer', readSanitizer(recordedText('asan').split('\n')), undefined);

function stack(
  by: Stack['by'],
  read: ReturnType<typeof readGdb> | ReturnType<typeof readValgrind>,
  build: string | undefined,
): Stack {
  if (!read) throw new Error('nothing was read');
  const { is, said, parts } = read;
  const qemu = { label: '7.2.22', version: '7.2.22', flavour: 'daemon' as const };
  return { by, is, said, parts, qemu, ...(build === undefined ? {} : { build }) };
}
