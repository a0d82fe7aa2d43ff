import { expect, test } from 'vitest';
import { crashWords } from '../../../src/findings/signature/crash.ts';
import type { Violation } from '../../../src/judge/rule.ts';
import type { Trace } from '../../../src/trace/observation.ts';
import { recordedText } from '../stacks/recorded.ts';

function words(text: string): string {
  const trace = [
    { us: 0, kind: 'stderr', text },
    { us: 1, kind: 'exit', code: 1, signal: null, asked: false },
  ] as unknown as Trace;
  return crashWords({ at: 1 } as unknown as Violation, trace);
}

test('two uses of freed memory are told apart by who freed it, and by who uses it where little else is known', () => {
  expect(words(recordedText('asan-refused-reopen'))).toBe(
    'AddressSanitizer: heap-use-after-free in memory freed in bdrv_child_free, used in bdrv_unset_inherits_from',
  );
  expect(words(recordedText('asan-cancelled-mirror'))).toBe(
    'AddressSanitizer: heap-use-after-free in memory freed in mirror_run, used in bitmap_clear',
  );
});

test('where the report knows who freed it, it does not matter who uses it', () => {
  const freed =
    'freed by thread T0 here:\n    #0 0x1 in __interceptor_free x.cpp:52\n    #1 0x2 in a a.c:1\n    #2 0x3 in b a.c:2\n';
  const used = (name: string): string =>
    `==2==ERROR: AddressSanitizer: heap-use-after-free on address 0x6\nREAD of size 8 at 0x6 thread T0\n    #0 0x1 in ${name} u.c:1\n\n${freed}`;
  expect(words(used('one'))).toBe(words(used('other')));
  expect(words(used('one'))).toContain('freed in a < b');
});

test('a leak is known by where its memory was allocated', () => {
  const leak = (name: string, bytes: number): string =>
    `==2==ERROR: LeakSanitizer: detected memory leaks\n\nDirect leak of ${bytes} byte(s) in 1 object(s) allocated from:\n    #0 0x7f in __interceptor_calloc asan.cpp:77\n    #1 0x7f in g_malloc0 (/lib/libglib-2.0.so.0+0x5a6b0)\n    #2 0x55 in ${name} ../block/mirror.c:1\n\nSUMMARY: AddressSanitizer: ${bytes} byte(s) leaked in 1 allocation(s).\n`;
  expect(words(leak('mirror_start_job', 32))).toBe('leak of what is allocated in mirror_start_job');
  expect(words(leak('mirror_start_job', 64))).toBe(words(leak('mirror_start_job', 32)));
  expect(words(leak('backup_job_create', 32))).not.toBe(words(leak('mirror_start_job', 32)));
});
