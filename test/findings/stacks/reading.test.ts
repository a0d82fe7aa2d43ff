import { expect, test } from 'vitest';
import { readGdb } from '../../../src/findings/stacks/gdb-text.ts';
import { readSanitizer } from '../../../src/findings/stacks/sanitizer-text.ts';
import { stackLimits, stacks } from '../../../src/findings/stacks/stack.ts';
import { readValgrind } from '../../../src/findings/stacks/valgrind-text.ts';
import {
  gdbOf4ea3,
  gdbOfAssertion,
  gdbOfHang,
  recordedText,
  sanitizerStack,
  valgrindOf4ea3,
  valgrindOf984d,
} from './recorded.ts';

test('a fault: the innermost frame is an offset in the program, where it has no name', () => {
  const { is, said, parts } = gdbOf4ea3();
  expect({ is, said }).toEqual({ is: 'fault', said: 'SIGSEGV' });
  expect(parts).toHaveLength(1);
  expect(parts[0]?.of).toBe('died');
  expect(parts[0]?.frames.slice(0, 2)).toEqual([
    { module: 'qemu-storage-daemon', offset: '0xdd3f3' },
    { function: 'bdrv_unref_child', module: 'qemu-storage-daemon', offset: '0xe4bd7' },
  ]);
  expect(parts[0]?.frames.at(-1)?.function).toBe('main');
});

test('a frame whose name gdb leaves out is an offset, too', () => {
  const text = recordedText('gdb-sigsegv-7.2').replace(
    '#0  0x0000560e2ffc33f3 in ?? ()',
    '#0  0x0000560e2ffc33f3 in  ()',
  );
  expect(text).toContain(' in  ()');
  expect(readGdb(text)?.parts[0]?.frames).toEqual(gdbOf4ea3().parts[0]?.frames);
});

test('an assertion, in a QEMU that was fetched: the loader runs it', () => {
  const { is, parts } = gdbOfAssertion();
  expect(is).toBe('abort');
  const names = parts[0]?.frames.map(({ function: name }) => name);
  expect(names?.slice(4, 9)).toEqual([
    '__assert_fail',
    undefined,
    undefined,
    'tran_abort',
    'qmp_transaction',
  ]);
});

test('a hang: the main thread, and no thread that only waits for work', () => {
  const { is, parts } = gdbOfHang();
  expect(is).toBe('hang');
  expect(parts.map(({ of }) => of)).toEqual(['main thread']);
  expect(parts[0]?.frames[0]?.function).toBe('bdrv_filter_or_cow_child');
});

test('a QEMU that goes its way leaves no stack', () => {
  expect(
    readGdb('[Inferior 1 (process 7) exited normally]\n@@maps\n\n@@died\n\n@@threads\n\n@@end\n'),
  ).toBeUndefined();
});

test('use after free by valgrind: who touched it, who freed it, who made it', () => {
  const { is, said, parts } = valgrindOf4ea3();
  expect(is).toBe('use after free');
  expect(said).toBe('Invalid read of size 8, 0 bytes inside a block of 96 that was freed');
  expect(parts.map(({ of }) => of)).toEqual(['access', 'freed', 'allocated']);
  expect(parts[0]?.frames[0]).toEqual({ module: 'qemu-storage-daemon', offset: '0xdd3f0' });
  expect(parts[1]?.frames.map(({ function: name }) => name).slice(0, 2)).toEqual(['free', 'tran_abort']);
});

test('its remarks on addresses that are no block are left out: it does not know the stacks of coroutines', () => {
  const text = recordedText('valgrind-4ea3-7.2').replace(
    / is 0 bytes inside a block .*/,
    " is on thread 1's stack",
  );
  expect(readValgrind(text, [])).toBeUndefined();
});

test("AddressSanitizer's report has the same shape, with files and lines", () => {
  const { is, said, parts } = sanitizerStack();
  expect({ is, said }).toEqual({ is: 'use after free', said: 'heap-use-after-free, READ of size 4' });
  expect(parts.map(({ of }) => of)).toEqual(['access', 'freed', 'allocated']);
  expect(parts[0]?.frames[0]).toEqual({ function: 'bdrv_use', source: '/src/block/a.c:5' });
  expect(parts[1]?.frames[1]?.function).toBe('bdrv_drop');
});

test('without debug information its frames are offsets in a file', () => {
  const lines = [
    '==1==ERROR: AddressSanitizer: SEGV on unknown address',
    '    #0 0x55a1 (/usr/bin/qemu-img+0x11c1) (BuildId: abc)',
  ];
  expect(readSanitizer(lines)).toMatchObject({
    is: 'fault',
    parts: [{ of: 'died', frames: [{ module: 'qemu-img', offset: '0x11c1' }] }],
  });
});

test('whatever a debugger says fits into finding.json', () => {
  const long = 'f'.repeat(5_000);
  const frames = Array.from({ length: 90 }, (_, i) => `#${i}  0x0000000000001010 in ${long} ()`).join('\n');
  const text = `Thread 1 "q" received signal SIGSEGV, x\n@@maps\n  0x1000 0x2000 0x1000 0x0 r-xp /usr/bin/qemu-${long}\n@@died\n${frames}\n@@threads\n@@end\n`;
  const read = readGdb(text);
  expect(read?.parts[0]?.frames).toHaveLength(stackLimits.frames);
  const { file: _, ...kept } = read ?? {};
  const all = [{ ...gdbOf4ea3(), ...kept }, valgrindOf984d(), sanitizerStack(), gdbOfHang()];
  expect(stacks.safeParse(all).error).toBeUndefined();
});
