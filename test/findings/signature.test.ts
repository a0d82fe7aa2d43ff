import { describe, expect, test } from 'vitest';
import { findingId, signatureOf } from '../../src/findings/signature.ts';
import type { Seen, Trace } from '../../src/trace/observation.ts';
import { story } from '../judge/story.ts';
import { ruleNamed, sequenceOf, traceOf } from './found.ts';

describe('crash', () => {
  test.each([
    [
      'an assertion, whatever the program, its path and the line',
      "qemu-system-x86_64: ../../block/mirror.c:712: mirror_exit_common: Assertion `s->target' failed.",
      "qemu-storage-daemon: ../block/mirror.c:745: mirror_exit_common: Assertion `s->target' failed.",
    ],
    [
      'GLib’s assertion, whatever its values',
      '**\nERROR:../../block/io.c:93:bdrv_drain: assertion failed (a == b): (3 == 4)\nBail out! ERROR:…',
      '**\nERROR:../block/io.c:97:bdrv_drain: assertion failed (a == b): (17 == 4)\nBail out! ERROR:…',
    ],
    [
      'an error thought impossible, whatever node it names',
      "Unexpected error in bdrv_check_perm() at ../../block.c:1878:\nqemu-system-x86_64: Block node 'src' is read-only",
      "Unexpected error in bdrv_check_perm() at ../block.c:2024:\nqemu-storage-daemon: Block node '#block123' is read-only",
    ],
    [
      'such an error of 5.2, whatever the node does',
      "Unexpected error in bdrv_check_update_perm() at ../../block.c:2182:\nqemu-storage-daemon: Conflicts with use by a block device as 'root', which uses 'write' on base",
      "Unexpected error in bdrv_check_update_perm() at ../../block.c:2182:\nqemu-system-x86_64: Conflicts with use by a block device as 'root', which does not allow 'resize' on t0",
    ],
    [
      'a sanitizer’s report, whatever the addresses',
      '==1==ERROR: AddressSanitizer: heap-use-after-free on address 0x60b0 at pc 0x55\n    #0 0x55 in mirror_iteration ../block/mirror.c:500',
      '==9==ERROR: AddressSanitizer: heap-use-after-free on address 0x71c0 at pc 0x56\n    #0 0x56 in mirror_iteration ../block/mirror.c:512',
    ],
    [
      'a heap that is corrupted, wherever the C library notices',
      'malloc_consolidate(): unaligned fastbin chunk detected',
      'corrupted double-linked list',
    ],
  ])('%s is one finding', (_what, one, other) => {
    expect(crash(one, '> mirror j0')).toBe(crash(other, '> job-cancel j1'));
  });

  test('an assertion reads as a person would tell it', () => {
    expect(
      crash(
        "qemu-system-x86_64: ../../block/mirror.c:712: mirror_exit_common: Assertion `s->target' failed.",
        '',
      ),
    ).toBe('crash/assertion mirror.c: mirror_exit_common: s->target');
  });

  test.each([
    'malloc(): unaligned tcache chunk detected',
    'malloc_consolidate(): invalid chunk size',
    'free(): double free detected in tcache 2',
    'munmap_chunk(): invalid pointer',
    'corrupted size vs. prev_size while consolidating',
    'double free or corruption (!prev)',
    'Fatal glibc error: malloc assertion failure in sysmalloc: (old_top == initial_top (av) && old_size == 0)',
  ])('“%s” is the heap, too', (words) => {
    expect(crash(words, '')).toBe('crash/the heap is corrupted');
  });

  test('what a program says of freeing something is not the heap', () => {
    expect(crash("q: ../job.c:1: job_free: Assertion `free(job)' failed.", '')).toBe(
      'crash/assertion job.c: job_free: free(job)',
    );
  });

  test('a function called qemu_… is no program', () => {
    const said = (who: string) => crash(`${who}: Co-routine was already scheduled in 'x'`, '');
    expect(said('qemu_aio_coroutine_enter')).not.toBe(said('aio_co_schedule'));
  });

  test('another assertion is another finding', () => {
    const of = (claim: string) => crash(`q: ../job.c:1: job_ref: Assertion \`${claim}' failed.`, '');
    expect(of('job->refcnt > 0')).not.toBe(of('job->refcnt == 0'));
  });

  test('a signal without words is told by the command that QEMU was handling, the first unanswered one', () => {
    expect(crash('', '> mirror j0\n< ok\n> job-complete j0\n> query-jobs', 'SIGSEGV')).toBe(
      'crash/SIGSEGV in job-complete',
    );
  });

  test('… and by the job that the command names', () => {
    const told = (start: string, verb: string) =>
      crash('', `> ${start} j0\n! j0 created running\n< ok\n> ${verb} j0`, 'SIGSEGV');
    expect(told('mirror', 'job-cancel')).toBe('crash/SIGSEGV in job-cancel of mirror');
    expect(told('stream', 'block-job-cancel')).toBe('crash/SIGSEGV in job-cancel of stream');
  });

  test('… else by the jobs that were running', () => {
    const hmp = '> human-monitor-command command-line="drive_del\\u0020drive-src"';
    expect(crash('', hmp, 'SIGSEGV')).toBe('crash/SIGSEGV in human-monitor-command drive_del');
    expect(crash('', '> mirror j0\n! j0 created running\n< ok', 'SIGSEGV')).toBe(
      'crash/SIGSEGV with mirror running',
    );
    expect(crash('', '', 'SIGSEGV')).toBe('crash/SIGSEGV with nothing to do');
  });

  test('a warning said long before a fault is not its cause', () => {
    expect(
      crash('qemu-system-x86_64: Failed to flush the L2 table cache: No space left on device', '', 'SIGSEGV'),
    ).toBe('crash/SIGSEGV with nothing to do');
  });

  test('an exit that nobody asked for is told by its last words', () => {
    const trace = storyWith(
      '> mirror j0',
      { kind: 'stderr', text: 'qemu: could not lock /dev/shm/x: 5\n' },
      exit(null, 1),
    );
    expect(
      signatureOf(
        {
          rule: ruleNamed('crash/unexpected-exit'),
          at: trace.length - 1,
          facts: { shape: 'words' as const, text: '' },
        },
        trace,
      ),
    ).toBe('crash/exit code 1: could not lock PATH: N');
  });
});

describe('hang', () => {
  test('a command is told with the type and status of the job that it names', () => {
    expect(hang('> mirror j7\n! j7 created running ready\n< ok\n> job-complete j7', 'command')).toBe(
      'hang/command: job-complete of mirror ready',
    );
  });

  test('any other command is told with the jobs that have work, whichever their ids, number and status', () => {
    const one = hang('> mirror a\n! a created running\n< ok\n> query-jobs', 'command');
    const two = hang(
      '> mirror b\n! b created running\n< ok\n> mirror c\n! c created running\n< ok\n> query-jobs',
      'command',
    );
    const three = hang(
      '> mirror b\n! b created running ready\n< ok\n> stream c\n! c created running concluded\n< ok\n> query-jobs',
      'command',
    );
    expect(one).toBe('hang/command: query-jobs with mirror');
    expect(two).toBe(one);
    expect(three).toBe(one);
  });

  test('a session that does not settle is told with what is left, whatever the deadline', () => {
    const told =
      '> mirror a\n! a created running\n< ok\n> stream b\n! b created running concluded null\n< ok';
    expect(hang(told, 'settle', 10_000)).toBe('hang/settle: settle with mirror running');
    expect(hang(told, 'settle', 31_840)).toBe(hang(told, 'settle', 10_000));
  });
});

describe('other rules', () => {
  test.each([
    [
      'a job’s id',
      '> mirror j0\n! j0 created',
      "job j0: not found, 'j0'",
      '> mirror copy1\n! copy1 created',
      "job copy1: not found, 'copy1'",
    ],
    ['a number', '', 'offset 65536 > len 512', '', 'offset 12 > len 7'],
    [
      'a path',
      '',
      'could not open /dev/shm/a-1/s1/q0/src.raw: gone',
      '',
      'could not open /tmp/b-2/s9/q3/dst.raw: gone',
    ],
    ['an address', '', 'at 0x7f3a', '', 'at 0x55d0c8'],
    ['a hostile string', '', "Parameter 'x\u0007Q9' is unexpected", '', "Parameter '…\"' is unexpected"],
  ])('%s makes no other finding', (_what, story1, one, story2, other) => {
    expect(state(one, story1)).toBe(state(other, story2));
  });

  test('a status or a verb makes another finding', () => {
    const of = (status: string) =>
      state(`job-complete on job j0 (${status}): expected success`, '> mirror j0\n! j0 created');
    expect(of('ready')).not.toBe(of('running'));
  });

  test('which nodes of a chain were left is the sequence’s choice; the job that used them is not', () => {
    const left = (names: string, told: string) =>
      signatureOf(
        {
          rule: ruleNamed('leak/leftover'),
          at: 0,
          facts: { shape: 'words' as const, text: `node left behind: ${names}` },
        },
        storyWith(told),
      );
    const mirror = '> mirror j0\n! j0 created running\n< ok';
    expect(left('src, src-file', mirror)).toBe('leak/leftover: node left behind by mirror');
    expect(left('#block9, src', mirror)).toBe(left('src, src-file', mirror));
    expect(left('other', mirror)).toBe('leak/leftover: node left behind');
    expect(left('src', '> mirror j0\n< GenericError: x')).toBe(
      'leak/leftover: node left behind by mirror that was refused',
    );
    expect(
      left('src', `${mirror}\n! j0 aborting concluded null\n> mirror j1\n! j1 created running\n< ok`),
    ).toBe('leak/leftover: node left behind by mirror that did not complete');
    const refused = '> stream j0 device=src\n< GenericError: x';
    const byStream = 'leak/leftover: node left behind by stream that was refused';
    expect(left('src', `${refused}\n> mirror j0\n< GenericError: in use`)).toBe(byStream);
    expect(left('#block9', `${refused}\n${mirror}`)).toBe(byStream);
    expect(left('t1', `${refused}\n> mirror j0 target=t1\n! j0 created running\n< ok`)).toBe(byStream);
  });

  test('the same words under another rule are another finding', () => {
    const trace = traceOf(sequenceOf());
    const of = (name: string) =>
      signatureOf({ rule: ruleNamed(name), at: 0, facts: { shape: 'words' as const, text: 'x' } }, trace);
    expect(of('state/transition')).not.toBe(of('state/progress-bounds'));
  });
});

describe('integrity', () => {
  test.each([
    ['src: 0+512 of 0 instead of 1', 'part'],
    ['src: 0+65536 of 0', 'part'],
    ['src: 983040+65536 of 0', 'tail'],
    ['src: 0+1048576 of 0', 'whole'],
    ['src: 0+512, 1024+512 of 0', 'part'],
    ['src: 0+512, 983040+65536 of 0', 'tail'],
    ['src: 196608+65536 of 0', 'part'],
    ['afterwards src = dst: Content mismatch at offset 0!', 'from the first cluster on'],
    ['afterwards src = dst: Content mismatch at offset 131072!', 'from later on'],
    [
      'afterwards dst is consistent: leaks only: 3 leaked clusters',
      'afterwards dst is consistent: leaks only: N leaked clusters',
    ],
  ])('%s', (text, told) => {
    const trace = traceOf(sequenceOf());
    expect(
      signatureOf({ rule: ruleNamed('claim/image'), at: 0, facts: { shape: 'words' as const, text } }, trace),
    ).toBe(`claim/image: ${told}`);
  });

  test.each([
    ['src until the mirror was completed', 'zero, not guest write 1 (acknowledged 1 ms)'],
    ['dst when the mirror was completed', 'zero, not src:0'],
    ['dst when the mirror was completed', 'unknown:1, not guest write 1 (acknowledged 1 ms)'],
  ])('%s holding %s is not a write that the target lacks', (where, what) => {
    const of = (text: string) =>
      signatureOf(
        { rule: ruleNamed('integrity/mirror-copy'), at: 0, facts: { shape: 'words' as const, text } },
        traceOf(sequenceOf()),
      );
    expect(of(`${where}: 0+512 holds ${what}`)).not.toBe(
      of('dst when the mirror was completed: 0+512 holds zero, not guest write 1 (acknowledged 1 ms)'),
    );
  });
});

test.each([
  [
    'state/transition',
    'job j0: standby -> standby',
    'state/transition',
    'job drive-src: standby -> aborting',
  ],
  [
    'state/transition',
    'job j0: standby -> waiting',
    'state/query-agrees',
    'query-jobs shows job j0 with status "ready", but it is standby',
  ],
  [
    'state/error-policy',
    'job j: write error, policy stop, but action ignore',
    'state/error-policy',
    'job j: write error, policy report, but action ignore',
  ],
  [
    'state/event-fields',
    'job src: speed 1, but 0 was set',
    'state/event-fields',
    'job JOB: speed 512, but 0 was set',
  ],
  [
    'validation/start-arguments',
    'blockdev-mirror with buf-size -65536: expected GenericError, got success',
    'validation/start-arguments',
    'drive-mirror with buf-size -1: expected GenericError, got success',
  ],
  [
    'state/verb-reply',
    'job-pause on job j (absent or running): expected DeviceNotActive: x or success, got GenericError: y',
    'validation/unknown-job',
    'block-job-cancel of unknown job "j": expected DeviceNotActive, got GenericError: y',
  ],
  [
    'integrity/mirror-copy',
    't0 when the mirror was cancelled after READY: 749568+4096 holds zero, not guest write 3 (acknowledged 5.1 ms)',
    'integrity/mirror-top',
    'dst when the mirror was cancelled after READY: 0+65536 holds src:0, not one of 4 contents; 65536+512 holds zero, not guest write 9 (acknowledged 7 ms)',
  ],
  [
    'integrity/mirror-copy',
    'dst when the mirror was completed: 17920+512 holds src:0, not zero of guest zero 7 (acknowledged 5.1 ms)',
    'integrity/mirror-copy',
    'dst when the mirror was completed: 0+4096 holds zero, not guest write 3 (acknowledged 5.1 ms)',
  ],
])('one cause, told by %s as "%s" and by %s as "%s"', (rule, text, other, words) => {
  const trace = traceOf(sequenceOf());
  const told = (name: string, said: string) =>
    signatureOf({ rule: ruleNamed(name), at: 1, facts: { shape: 'words' as const, text: said } }, trace);
  expect(told(other, words)).toBe(told(rule, text));
});

test('an id is twelve hexadecimal digits, the same for the same signature', () => {
  expect(findingId('crash/x')).toMatch(/^[0-9a-f]{12}$/);
  expect(findingId('crash/x')).toBe(findingId('crash/x'));
  expect(findingId('crash/x')).not.toBe(findingId('crash/y'));
});

function crash(stderr: string, told: string, signal = 'SIGABRT'): string {
  const trace = storyWith(
    told,
    ...(stderr === '' ? [] : [{ kind: 'stderr', text: `${stderr}\n` } as const]),
    exit(signal, null),
  );
  return signatureOf(
    { rule: ruleNamed('crash/signal'), at: trace.length - 1, facts: { shape: 'words' as const, text: '' } },
    trace,
  );
}

const exit = (signal: string | null, code: number | null): Seen => ({
  kind: 'exit',
  code,
  signal,
  asked: false,
});

/** The last command of the story, or the settling, expires. */
function hang(told: string, what: 'command' | 'settle', deadlineMs = 10_000): string {
  const last = story(told).findLast((seen) => seen.kind === 'command');
  const id = what === 'command' && last?.kind === 'command' ? { id: last.id } : {};
  const trace = storyWith(told, { kind: 'expired', what, deadlineMs, ...id });
  return signatureOf(
    { rule: ruleNamed(`hang/${what}`), at: trace.length - 1, facts: { shape: 'words' as const, text: '' } },
    trace,
  );
}

function state(text: string, told: string): string {
  return signatureOf(
    { rule: ruleNamed('state/verb-reply'), at: 0, facts: { shape: 'words' as const, text } },
    story(told),
  );
}

function storyWith(told: string, ...seen: Seen[]): Trace {
  const before = story(told);
  return [...before, ...seen.map((each, i) => ({ us: before.length + i, ...each }))];
}
