import { about, type Tale } from '../tale.ts';

/** Lines of stderr, as a story takes them. */
const says = (...lines: string[]): string =>
  `~ stderr text=${JSON.stringify(`${lines.join('\n')}\n`).replaceAll(' ', '\\u0020')}`;

const frames = (...names: string[]): string[] =>
  names.map((name, i) => `    #${i} 0x55d0${i} in ${name} ../block/mirror.c:${i + 1}:3`);
const allocator =
  '    #0 0x7f00 in __interceptor_calloc ../../../../src/libsanitizer/asan/asan_malloc_linux.cpp:77';
const glib = '    #1 0x7f01 in g_malloc0 (/lib/x86_64-linux-gnu/libglib-2.0.so.0+0x5a6b0) (BuildId: 12)';

const warning = '==21: WARNING: ASan is ignoring requested __asan_handle_no_return';
const used = [
  '==21==ERROR: AddressSanitizer: heap-use-after-free on address 0x6 at pc 0x5 bp 0x7 sp 0x8',
  'READ of size 8 at 0x6 thread T0',
  ...frames('bitmap_clear', 'mirror_run'),
  'SUMMARY: AddressSanitizer: heap-use-after-free ../block/mirror.c:1:3 in bitmap_clear',
];
const undefinedAt = (line: number): string[] => [
  `../block/mirror.c:${line}:7: runtime error: member access within null pointer of type 'struct Job'`,
  ...frames('mirror_exit', 'job_prepare'),
];
const leaked = (...names: string[]): string[] => [
  'Direct leak of 32 byte(s) in 1 object(s) allocated from:',
  allocator,
  glib,
  ...frames(...names).map((line) => line.replace('#0', '#2').replace('#1', '#3')),
  '',
];
const leaks = '==21==ERROR: LeakSanitizer: detected memory leaks';
const quit = (code: number, ...told: string[]): string => `
  > quit
  < ok
  ${says(...told)}
  ~ disconnect
  ~ exit code=${code} asked=true`;

const instruments = ['AddressSanitizer', 'UndefinedBehaviorSanitizer'];

/** What a build with sanitizers says of itself. */
export const sanitizerTales: readonly Tale[] = [
  ...about('sanitizer/address', {
    broken: {
      'freed memory is used, which ends QEMU': `
        > job-pause j0
        ${says(warning, ...used)}
        ~ disconnect
        ~ exit code=1 asked=false`,
      'freed memory is used, and QEMU was told to abort then': `
        > job-pause j0
        ${says(...used)}
        ~ disconnect
        ~ exit code=null signal=SIGABRT asked=false`,
      'freed memory is used while QEMU quits': quit(1, ...used),
    },
    kept: {
      'AddressSanitizer warns of what it can not see': { instruments, story: quit(0, warning) },
      'nobody knows how it went on': { instruments, story: '> query-jobs\n< []' },
    },
  }),
  ...about('sanitizer/undefined-behaviour', {
    broken: {
      'a null pointer is followed, and QEMU goes on': `
        > query-jobs
        ${says(...undefinedAt(12))}
        < []`,
      'the same place is met twice': `
        > query-jobs
        ${says(...undefinedAt(12), ...undefinedAt(12))}
        < []`,
      'QEMU was told to end then': `
        > query-jobs
        ${says(...undefinedAt(12))}
        ~ disconnect
        ~ exit code=1 asked=false`,
    },
    kept: {
      'QEMU says something of an error': `
        > query-jobs
        ${says('qemu-storage-daemon: runtime errors are no matter')}
        < []`,
    },
  }),
  ...about('sanitizer/leak', {
    broken: {
      'something is leaked, which QEMU says when it quits': quit(1, leaks, '', ...leaked('mirror_start_job')),
      'one place has leaked twice': quit(
        1,
        leaks,
        '',
        ...leaked('mirror_start_job'),
        ...leaked('mirror_start_job'),
        'SUMMARY: AddressSanitizer: 64 byte(s) leaked in 2 allocation(s).',
      ),
    },
    kept: {
      'nothing is leaked': quit(0, warning),
      'what is leaked hangs on something else that is leaked': {
        instruments,
        story: quit(1, leaks, '', ...leaked('qdict_new').map((line) => line.replace('Direct', 'Indirect'))),
      },
      'a sequence before it may have leaked it': {
        instruments,
        sequencesBefore: 3,
        story: quit(1, leaks, '', ...leaked('mirror_start_job')),
      },
    },
  }),
];
