import { describe, expect, test } from 'vitest';
import { findingId, signatureOf } from '../../src/findings/signature.ts';
import type { ContentCause } from '../../src/judge/facts/content-cause.ts';
import type { Fact } from '../../src/judge/facts/fact.ts';
import type { OrderFact } from '../../src/judge/facts/order.ts';
import type { ReplyFact } from '../../src/judge/facts/reply.ts';
import { judge } from '../../src/judge/judge.ts';
import type { JobStatus } from '../../src/qemu/job-statuses.ts';
import type { Seen, Trace } from '../../src/trace/observation.ts';
import { asPlace } from '../../src/trace/place.ts';
import { story } from '../judge/story.ts';
import { died, figure, holding, shownWith } from './facts.ts';
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
          at: asPlace(trace.length - 1),
          facts: died(null, 1),
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

describe('what the sequence chose makes no other finding', () => {
  const names = '> mirror copy1 device=src target=dst\n! copy1 created running\n< ok';
  test.each<[what: string, rule: string, one: Fact, other: Fact]>([
    ['a job’s id', 'state/transition', change('j0', 'ready', 'pending'), change('copy1', 'ready', 'waiting')],
    [
      'a figure',
      'state/progress-bounds',
      figure({ is: 'beyond', offset: 9, len: 5 }),
      figure({ is: 'beyond', offset: 7, len: 1 }),
    ],
    ['a speed', 'state/event-fields', speed(1, 0), speed(512, 0)],
    [
      'a path and a name that QEMU says',
      'graph/must-accept-start',
      refused('job copy1: could not open /dev/shm/a-1/s1/q0/src.raw'),
      refused('job j7: could not open /tmp/b-2/s9/q3/dst.raw'),
    ],
    ['an address', 'graph/must-accept-start', refused('at 0x7f3a'), refused('at 0x55d0c8')],
    [
      'a hostile string',
      'graph/must-accept-start',
      refused("Parameter 'x\u0007Q9' is unexpected"),
      refused("Parameter '…\"' is unexpected"),
    ],
    ['a node', 'graph/delete-refused', usedBy('src-file', 'src'), usedBy('n1', 'n2')],
    [
      'which of two commands starts the job',
      'validation/start-arguments',
      badBuffer('blockdev-mirror', -65536),
      badBuffer('drive-mirror', -1),
    ],
    [
      'which statuses a race allowed',
      'state/verb-reply',
      accepted(['running', 'ready']),
      accepted(['ready', 'waiting']),
    ],
    ['a policy', 'state/error-policy', policy('stop'), policy('report')],
    [
      'which job a refused reopen keeps drained',
      'hang/resume',
      stands({ heldBy: { refused: 'reopen' } }),
      stands({ heldBy: { refused: 'reopen' }, type: 'backup', status: 'standby' }),
    ],
  ])('%s', (_what, rule, one, other) => {
    expect(told(rule, other, names)).toBe(told(rule, one, names));
  });

  test('a status that a query shows and no event has announced is an event that is missing', () => {
    const shown = shownWith('status', 'ready', { is: 'status', statuses: ['standby'] });
    expect(told('state/query-agrees', shown)).toBe(
      told('state/transition', change('j0', 'standby', 'waiting')),
    );
  });

  test('an error that is not due leads to one place, whatever the command and the rule', () => {
    const got = { class: 'GenericError', desc: 'y' };
    const verb: Fact = { ...accepted(['running']), due: [{ class: 'DeviceNotActive' }], got };
    const unknown: Fact = { ...verb, command: 'block-job-cancel', why: { is: 'unknown job', id: 'j' } };
    expect(told('validation/unknown-job', unknown)).toBe(told('state/verb-reply', verb));
  });

  test('which nodes of a chain were left, but not the job that used them', () => {
    const left = (names: string, story_: string) =>
      judged(
        'leak/leftover',
        storyWith(story_, { kind: 'leftover', what: 'node', names: names.split(', ') }),
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
    const byRefused = '> stream j0 device=src\n< GenericError: x';
    const byStream = 'leak/leftover: node left behind by stream that was refused';
    expect(left('src', `${byRefused}\n> mirror j0\n< GenericError: in use`)).toBe(byStream);
    expect(left('#block9', `${byRefused}\n${mirror}`)).toBe(byStream);
    expect(left('t1', `${byRefused}\n> mirror j0 target=t1\n! j0 created running\n< ok`)).toBe(byStream);
  });

  test('what a leak is left by: the one that had taken hold, and not who was refused last or for another reason', () => {
    const left = (story_: string) =>
      judged('leak/leftover', storyWith(story_, { kind: 'leftover', what: 'node', names: ['src'] }));
    const wasThere = "< GenericError: 'write' is unshared by stream job 'j1' (uses node 'base')";
    const byStream = 'leak/leftover: node left behind by stream that was refused';
    const early = '> mirror j0\n< GenericError: Permission conflict';
    expect(left(`${early}\n> stream j1 device=src\n${wasThere}`)).toBe(byStream);
    const misspelt = "> blockdev-mirror {}\n< GenericError: Parameter 'device' is missing";
    expect(left(`> stream j1 device=src\n< GenericError: x\n${misspelt}`)).toBe(byStream);
    expect(left(`${misspelt}\n> stream j1 device=src\n< GenericError: x`)).toBe(byStream);
    const device = '> device_add driver=nvme drive=src\n< GenericError: x';
    const byDevice = 'leak/leftover: node left behind by nvme that was refused';
    expect(left(device)).toBe(byDevice);
    expect(left(`${device}\n${misspelt}`)).toBe(byDevice);
    expect(left(device.replace('GenericError: x', 'ok'))).toBe('leak/leftover: node left behind');
  });
});

describe('two defects that break one rule are two findings', () => {
  const runs = (type: string): Fact => ({ shape: 'lacking', what: 'progress', job: 'j0', type, afterMs: 9 });
  test.each<[what: string, rule: string, one: Fact, other: Fact]>([
    ['the type of a job that stands still', 'hang/resume', stands({}), stands({ type: 'backup' })],
    ['the status in which it stands', 'hang/resume', stands({}), stands({ status: 'standby' })],
    ['what had paused it', 'hang/resume', stands({}), stands({ pausedBy: 'error' })],
    ['a drain that was not ended', 'hang/resume', stands({}), stands({ heldBy: { refused: 'reopen' } })],
    [
      'what began the drain',
      'hang/resume',
      stands({ heldBy: { refused: 'transaction' } }),
      stands({ heldBy: { refused: 'reopen' } }),
    ],
    ['a verb while it was paused', 'hang/resume', stands({}), stands({ heldBy: { verb: 'complete' } })],
    ['the type of a job that does not get on', 'hang/stalled', runs('mirror'), runs('stream')],
    [
      'the status that a job leaves',
      'state/transition',
      change('j0', 'ready', 'null'),
      change('j0', 'paused', 'null'),
    ],
    [
      'the type of a job',
      'state/transition',
      change('j0', 'ready', 'null'),
      { ...change('j0', 'ready', 'null'), type: 'commit' },
    ],
    [
      'the verb',
      'state/verb-reply',
      accepted(['paused']),
      { ...accepted(['paused']), command: 'job-complete' },
    ],
    ['the status that a job had for sure', 'state/verb-reply', accepted(['paused']), accepted(['concluded'])],
    [
      'who uses a node',
      'graph/delete-refused',
      usedBy('a', 'b'),
      { ...usedBy('a', 'b'), why: { is: 'used', what: 'node', node: 'a', by: 'export', user: 'b' } },
    ],
    ['what QEMU says', 'graph/must-accept-start', refused('Node is busy'), refused('Node is inactive')],
    ['whether clusters leaked or more is wrong', 'integrity/image-check', damaged(true), damaged(false)],
  ])('%s', (_what, rule, one, other) => {
    expect(told(rule, other)).not.toBe(told(rule, one));
  });

  test('the same facts under another rule', () => {
    const fact = change('j0', 'ready', 'null');
    expect(told('state/ready-announced', fact)).not.toBe(told('state/transition', fact));
  });
});

describe('integrity', () => {
  const lost = (
    what: Partial<ContentCause['lost']>,
    job?: Partial<NonNullable<ContentCause['job']>>,
  ): Fact => ({
    ...holding('dst', ['0+512', 'zero', 'src:0']),
    cause: {
      lost: { found: 'older', due: 'before', ...what },
      job: {
        type: 'mirror',
        copies: 'to it',
        writeBlocking: false,
        sync: 'full',
        ended: 'completed',
        ...job,
      },
    },
  });
  const meanwhile = { due: 'meanwhile', request: 'write' } as const;
  const beside = { near: 'beside a request' } as const;

  test.each<[what: string, one: Fact, other: Fact]>([
    ['how the job ended, of what was there before', lost({}), lost({}, { ended: 'cancelled' })],
    ['the copy mode, of what was there before', lost({}), lost({}, { writeBlocking: true })],
    ['the sync, of what was written meanwhile', lost(meanwhile), lost(meanwhile, { sync: 'part' })],
    [
      'errors, beside a request',
      lost(beside),
      lost(beside, { error: { operation: 'read', action: 'ignore' } }),
    ],
    ['all else, where the job failed', lost({}, { ended: 'failed' }), lost(meanwhile, { ended: 'failed' })],
    [
      'the job, of a request in flight at a reopen',
      lost({ ...meanwhile, inFlightAt: 'reopen' }),
      lost({ ...meanwhile, inFlightAt: 'reopen' }, { type: 'backup', ended: 'finished' }),
    ],
  ])('%s does not matter', (_what, one, other) => {
    expect(told('integrity/mirror-copy', other)).toBe(told('integrity/guest-disk', one));
  });

  test.each<[what: string, one: Fact, other: Fact]>([
    ['the type of job', lost({}), lost({}, { type: 'backup' })],
    ['whether it copies to the image', lost({}), lost({}, { copies: 'from it' })],
    ['whether what is lost was there before', lost({}), lost(meanwhile)],
    ['the request that is lost', lost(meanwhile), lost({ ...meanwhile, request: 'zero' })],
    ['the phase', lost(meanwhile), lost({ ...meanwhile, due: 'while pending' })],
    ['how it ended, of what was written meanwhile', lost(meanwhile), lost(meanwhile, { ended: 'cancelled' })],
    ['the copy mode, of that', lost(meanwhile), lost(meanwhile, { writeBlocking: true })],
    ['the sync, of what was there before', lost({}), lost({}, { sync: 'part' })],
    ['what it met', lost({}), lost({}, { error: { operation: 'read', action: 'stop' } })],
    ['the place, where it is an odd end', lost({}), lost({ inOddEnd: true })],
    ['the place, beside a request', lost({}), lost(beside)],
    ['what lies there', lost({}), lost({ found: 'foreign' })],
    [
      'a kill',
      lost({}),
      { ...lost({}), cause: { killed: true, lost: { found: 'older', due: 'before' } } } as Fact,
    ],
  ])('%s tells two defects apart', (_what, one, other) => {
    expect(told('integrity/guest-disk', other)).not.toBe(told('integrity/guest-disk', one));
  });

  test.each([
    ['Content mismatch at offset 0!', 'from the first cluster on'],
    ['Content mismatch at offset 131072!', 'from later on'],
    ['leaks only: 3 leaked clusters', 'same: leaks only: N leaked clusters'],
  ])('images differ: %s', (said, words) => {
    const facts: Fact = { shape: 'claim', is: 'image', claim: 'src = dst', about: 'same', said };
    expect(told('claim/image', facts)).toBe(`claim/image: ${words}`);
  });
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
    { rule: ruleNamed('crash/signal'), at: asPlace(trace.length - 1), facts: died(signal) },
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
  return judged(`hang/${what}`, storyWith(told, { kind: 'expired', what, deadlineMs, ...id }));
}

/** By the facts that the rule itself finds. */
function judged(rule: string, trace: Trace): string {
  const violation = judge(trace).violations.find((each) => each.rule.name === rule);
  return violation ? signatureOf(violation, trace) : `${rule} holds`;
}

function told(rule: string, facts: Fact, story_ = ''): string {
  const trace = story_ === '' ? traceOf(sequenceOf()) : story(story_);
  return signatureOf({ rule: ruleNamed(rule), at: asPlace(0), facts }, trace);
}

function change(job: string, from: JobStatus, to: JobStatus): OrderFact {
  return { shape: 'order', job, type: 'mirror', is: 'change', from, to };
}

function speed(shown: number, set: number): Fact {
  return figure({ is: 'wrong speed', speed: shown, set: [set] });
}

function refused(desc: string): Fact {
  const why = { is: 'free target', node: 'src', target: 'dst' } as const;
  return {
    shape: 'reply',
    command: 'blockdev-mirror',
    why,
    due: ['success'],
    got: { class: 'GenericError', desc },
  };
}

function usedBy(node: string, user: string): ReplyFact {
  const why = { is: 'used', what: 'node', node, by: 'node', user } as const;
  return { shape: 'reply', command: 'blockdev-del', why, due: [{ class: 'GenericError' }], got: 'success' };
}

function badBuffer(command: string, value: number): Fact {
  const why = { is: 'argument', member: 'buf-size', value } as const;
  return { shape: 'reply', command, why, due: [{ class: 'GenericError' }], got: 'success' };
}

function accepted(statuses: JobStatus[]): ReplyFact {
  const why = { is: 'job', id: 'j0', type: 'mirror', statuses } as const;
  return { shape: 'reply', command: 'job-cancel', why, due: [{ class: 'GenericError' }], got: 'success' };
}

function policy(of: string): Fact {
  return {
    shape: 'outcome',
    job: 'j',
    type: 'mirror',
    is: 'policy',
    side: 'write',
    injected: [],
    policy: of,
    action: 'ignore',
  };
}

function damaged(leaksOnly: boolean): Fact {
  return { shape: 'image', image: 'dst', is: 'inconsistent', leaksOnly, said: 'x' };
}

function storyWith(told: string, ...seen: Seen[]): Trace {
  const before = story(told);
  return [...before, ...seen.map((each, i) => ({ us: before.length + i, ...each }))];
}

function stands(more: object): Fact {
  return {
    shape: 'lacking',
    what: 'resume',
    job: 'j0',
    type: 'mirror',
    status: 'paused',
    pausedBy: 'user',
    afterMs: 9,
    ...more,
  } as Fact;
}
