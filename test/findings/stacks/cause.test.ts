import { expect, test } from 'vitest';
import { causeOf, causeWords, compareCauses } from '../../../src/findings/stacks/cause.ts';
import type { Frame, Stack } from '../../../src/findings/stacks/stack.ts';
import { gdbOf4ea3, gdbOfAssertion, sanitizerStack, valgrindOf4ea3, valgrindOf984d } from './recorded.ts';

const words = (stack: Stack): string => {
  const cause = causeOf(stack);
  return cause === undefined ? 'no cause' : causeWords(cause);
};

test('of memory used after it was freed, who freed it is to blame', () => {
  expect(words(valgrindOf4ea3())).toBe(
    'use after free, freed in tran_abort < bdrv_reopen_multiple < qmp_blockdev_reopen < qmp_marshal_blockdev_reopen',
  );
  expect(words(sanitizerStack())).toBe('use after free, freed in bdrv_drop');
});

test('frames without a name are of one build', () => {
  expect(words(valgrindOf984d())).toBe(
    'use after free, freed in qemu-system-x86_64+0x84cadd < qemu-system-x86_64+0x84da34 < job_finish_sync_locked < job_cancel_sync (build d9541fd6)',
  );
  const { build: _, ...elsewhere } = gdbOf4ea3();
  expect(causeOf(elsewhere)).toBeUndefined();
});

test('an assertion is where QEMU calls it from, not in the C library', () => {
  expect(causeOf(gdbOfAssertion())?.frames.slice(2)).toEqual(['tran_abort', 'qmp_transaction']);
});

test('where the allocator dies the stack blames nobody', () => {
  expect(causeOf(died('SIGSEGV', 'malloc_consolidate', 'bdrv_new'))).toBeUndefined();
  expect(causeOf(died('SIGABRT', 'abort', '__libc_message', 'bdrv_new'))).toBeUndefined();
  expect(causeOf(died('SIGSEGV', '__memcpy_avx', 'bdrv_new'))?.frames).toEqual(['bdrv_new']);
});

test('two uses after free are one where the same code freed, and two where other code did', () => {
  const [one, other] = [valgrindOf4ea3(), valgrindOf984d()];
  const elsewhere: Stack = {
    ...one,
    parts: one.parts.map((part) => (part.of === 'access' ? other.parts[0] : part)) as Stack['parts'],
  };
  expect(compareCauses([one], [elsewhere])).toBe('same');
  const named: Stack = { ...other, parts: withoutUnnamed(other) };
  expect(compareCauses([one], [named])).toBe('different');
  expect(compareCauses([one], [other])).toBe('unknown'); // offsets of another build
});

test('within one build a frame without a name is another one than a frame with one', () => {
  const [one, other] = [valgrindOf4ea3(), valgrindOf984d()];
  expect(compareCauses([{ ...one, build: other.build }] as Stack[], [other])).toBe('different');
});

test('what is known of memory goes before where it crashed', () => {
  const [first, second] = [died('SIGSEGV', 'bdrv_a', 'qmp_x'), died('SIGSEGV', 'bdrv_b', 'qmp_x')];
  expect(compareCauses([first], [second])).toBe('different');
  expect(compareCauses([first, valgrindOf4ea3()], [second])).toBe('unknown'); // whoever comes next crashes
  expect(compareCauses([first, valgrindOf4ea3()], [second, valgrindOf4ea3()])).toBe('same');
});

test('the same place by another way may be the same defect, and may not', () => {
  const [first, second] = [died('SIGSEGV', 'bdrv_a', 'qmp_x'), died('SIGSEGV', 'bdrv_a', 'qmp_y')];
  expect(compareCauses([first], [first])).toBe('same');
  expect(compareCauses([first], [second])).toBe('unknown');
});

test('without stacks nothing is said', () => {
  expect(compareCauses([], [valgrindOf4ea3()])).toBe('unknown');
  expect(compareCauses([gdbOfAssertion()], [gdbOf4ea3()])).toBe('unknown');
});

function died(said: string, ...names: string[]): Stack {
  const frames: Frame[] = names.map((name) => ({
    function: name,
    module: /^(bdrv|qmp)/.test(name) ? 'qemu-storage-daemon' : 'libc.so.6',
  }));
  const { qemu } = gdbOf4ea3();
  return {
    by: 'gdb',
    is: said === 'SIGABRT' ? 'abort' : 'fault',
    said,
    qemu,
    parts: [{ of: 'died', frames }],
  };
}

const withoutUnnamed = ({ parts }: Stack): Stack['parts'] =>
  parts.map((part) => ({ ...part, frames: part.frames.filter((frame) => frame.function !== undefined) }));
