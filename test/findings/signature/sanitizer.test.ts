import { expect, test } from 'vitest';
import { signatureOf } from '../../../src/findings/signature.ts';
import { judge } from '../../../src/judge/judge.ts';
import type { Trace } from '../../../src/trace/observation.ts';
import { story } from '../../judge/story.ts';
import { recordedText } from '../stacks/recorded.ts';

/** Of all that a build with sanitizers says in this text; `code`: QEMU has quit then, and exits with it. */
function signatures(text: string, code?: number): string[] {
  const end =
    code === undefined ? '~ disconnect\n~ exit code=1 asked=false' : `~ exit code=${code} asked=true`;
  const [opened, ...rest] = story(`> quit\n< ok\n~ stderr text=X\n${end}`);
  const trace = [opened, ...rest].map((seen) =>
    seen?.kind === 'stderr' ? { ...seen, text } : seen,
  ) as unknown as Trace;
  return judge(trace).violations.map((violation) => signatureOf(violation, trace));
}

test('two uses of freed memory are told apart by who freed it, and by who uses it where little else is known', () => {
  expect(signatures(recordedText('asan-refused-reopen'))).toEqual([
    'crash/AddressSanitizer: heap-use-after-free in memory freed in bdrv_child_free, used in bdrv_unset_inherits_from',
  ]);
  expect(signatures(recordedText('asan-cancelled-mirror'))).toEqual([
    'crash/AddressSanitizer: heap-use-after-free in memory freed in mirror_run, used in bitmap_clear',
  ]);
});

test('where the report knows who freed it, it does not matter who uses it', () => {
  const freed =
    'freed by thread T0 here:\n    #0 0x1 in __interceptor_free x.cpp:52\n    #1 0x2 in a a.c:1\n    #2 0x3 in b a.c:2\n';
  const used = (name: string): string =>
    `==2==ERROR: AddressSanitizer: heap-use-after-free on address 0x6\nREAD of size 8 at 0x6 thread T0\n    #0 0x1 in ${name} u.c:1\n\n${freed}`;
  expect(signatures(used('one'))).toEqual(signatures(used('other')));
  expect(signatures(used('one'))).toEqual([expect.stringContaining('freed in a < b')]);
});

const leak = (names: string[], bytes: number, objects = 1): string =>
  `Direct leak of ${bytes} byte(s) in ${objects} object(s) allocated from:\n    #0 0x7f in __interceptor_calloc asan.cpp:77\n    #1 0x7f in g_malloc0 (/lib/libglib-2.0.so.0+0x5a6b0)\n${names.map((name, i) => `    #${i + 2} 0x55 in ${name} ../block/mirror.c:${bytes}\n`).join('')}\n`;
const leaks = (...all: string[]): string[] =>
  signatures(
    `==2==ERROR: LeakSanitizer: detected memory leaks\n\n${all.join('')}SUMMARY: AddressSanitizer: 64 byte(s)\n`,
    1,
  );

test('each place that allocated what is leaked is one leak, however often it did', () => {
  const mirror = ['mirror_start_job', 'mirror_start', 'qmp_blockdev_mirror', 'qmp_marshal_blockdev_mirror'];
  expect(leaks(leak(mirror, 32), leak(mirror, 64), leak(['backup_job_create'], 32))).toEqual([
    'sanitizer/leak: allocated in mirror_start_job < mirror_start < qmp_blockdev_mirror',
    'sanitizer/leak: allocated in backup_job_create',
  ]);
});

test('where the stack of a leak ends in GLib, the size of what is leaked tells it from others', () => {
  expect(leaks(leak([], 16), leak([], 64, 2), leak([], 16), leak([], 208, 10))).toEqual([
    'sanitizer/leak: objects of 16 bytes',
    'sanitizer/leak: objects of 32 bytes',
    'sanitizer/leak: objects of several sizes',
  ]);
});

test('undefined behaviour is known by file, words and functions, and not by its line or its figures', () => {
  const behaviour = (line: number, by: number, name: string): string =>
    `../block/io.c:${line}:7: runtime error: shift exponent ${by} is too large\n    #0 0x55 in ${name} ../block/io.c:${line}\n    #1 0x56 in run ../job.c:2\n`;
  const [first] = signatures(behaviour(3, 64, 'bdrv_pad'));
  expect(first).toBe('sanitizer/undefined-behaviour: io.c: shift exponent N is too large in bdrv_pad < run');
  expect(signatures(`${behaviour(3, 64, 'bdrv_pad')}${behaviour(4, 65, 'bdrv_pad')}`)).toEqual([first]);
  expect(signatures(`${behaviour(3, 64, 'bdrv_pad')}${behaviour(3, 64, 'bdrv_copy')}`)).toHaveLength(2);
});
