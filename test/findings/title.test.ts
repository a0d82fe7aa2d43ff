import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Stack } from '../../src/findings/stacks/stack.ts';
import { openFindings } from '../../src/findings/store.ts';
import { titleCharsMax, titleOf } from '../../src/findings/title/title.ts';
import type { Fact } from '../../src/judge/facts/fact.ts';
import { cards } from '../../src/qemu/cards.ts';
import type { Sequence } from '../../src/sequence/sequence.ts';
import type { Step } from '../../src/sequence/step.ts';
import type { Seen } from '../../src/trace/observation.ts';
import { asPlace } from '../../src/trace/place.ts';
import { died, holding, leftBehind } from './facts.ts';
import { assertion, mirrorStep, ruleNamed, sequenceOf, traceOf } from './found.ts';

const rule = ruleNamed('crash/signal');
const title = (facts: Fact, sequence: Sequence, ...seen: Seen[]): string => {
  const trace = traceOf(sequence, ...seen);
  return titleOf({ rule, at: asPlace(trace.length - 1), facts }, sequence, trace);
};
const stderr = (text: string): Seen => ({ kind: 'stderr', text });
const step = (qmp: string, args: Record<string, string | number | never[]>): Step => ({ qmp, args });

describe('a title says by which commands what comes about', () => {
  const mirror = step('drive-mirror', {
    ...{ 'job-id': 'j0', device: 'src', target: 'a.img', 'copy-mode': 'write-blocking', sync: 'none' },
  });
  const write: Step = { guest: 'write', disk: 'src' };
  test.each<[string, Fact, Sequence, Seen[], string]>([
    [
      'what is decisive of the options, in the order of the steps, and waiting is left out',
      holding('src', ['0+512', 'zero', 'src:0']),
      sequenceOf(mirror, { await: 'READY' }, write),
      [],
      'drive-mirror with copy-mode=write-blocking sync=none: the guest reads zeroes where data was',
    ],
    [
      'the assertion and the function that it stands in',
      died('SIGABRT'),
      sequenceOf(mirrorStep),
      [stderr(assertion)],
      "blockdev-mirror: assertion `s->target' fails in mirror_exit_common",
    ],
    [
      'of an assertion without its room the function',
      died('SIGABRT'),
      sequenceOf(mirror),
      [stderr(assertion.replace('s->target', 's->target && a_long_condition'))],
      'drive-mirror with copy-mode=write-blocking sync=none: assertion in mirror_exit_common',
    ],
    [
      'the function whose error was thought impossible',
      died('SIGABRT'),
      sequenceOf(step('blockdev-add', { driver: 'null-co', 'node-name': 'a', size: -1 })),
      [stderr('Unexpected error in parse_option_size() at ../util/qemu-option.c:127:\n')],
      'blockdev-add of null-co with size=-1: abort on an unexpected error in parse_option_size',
    ],
    [
      'that a command names nothing',
      died('SIGSEGV'),
      sequenceOf(step('block-dirty-bitmap-merge', { node: 'src', target: 'a', bitmaps: [] })),
      [],
      'block-dirty-bitmap-merge with bitmaps=[]: SIGSEGV',
    ],
    [
      'what is left',
      leftBehind('node', 'a', 'b'),
      sequenceOf(mirrorStep),
      [],
      "blockdev-mirror: nodes stay behind and can't be removed",
    ],
    [
      'what else only makes ready is all that was done',
      died('SIGSEGV'),
      sequenceOf({ qmp: 'block-dirty-bitmap-add', args: { node: 'src', name: 'bm0', persistent: true } }),
      [],
      'block-dirty-bitmap-add with persistent=true: SIGSEGV',
    ],
    ['QEMU alone where nothing was done', died('SIGSEGV'), sequenceOf(), [], 'QEMU: SIGSEGV'],
  ])('%s', (_what, facts, sequence, seen, says) => {
    expect(title(facts, sequence, ...seen)).toBe(says);
  });

  test('that QEMU refused a command, and the one that tidies up in which it died', () => {
    const command = (id: number, name: string, at?: number): Seen => ({
      ...{ kind: 'command', id, name, args: {} },
      ...(at === undefined ? {} : { step: at }),
    });
    const seen: Seen[] = [
      { kind: 'phase', phase: 'steps' },
      { kind: 'step', step: 0 },
      command(1, 'blockdev-reopen', 0),
      { kind: 'reply', id: 1, error: { class: 'GenericError', desc: 'no' } },
      { kind: 'phase', phase: 'teardown' },
      command(2, 'blockdev-del'),
      { kind: 'exit', code: null, signal: 'SIGSEGV', asked: false },
    ];
    const sequence = sequenceOf({ qmp: 'blockdev-reopen', args: { options: [{ driver: 'raw' }] } });
    expect(title(died('SIGSEGV'), sequence, ...seen)).toBe(
      'blockdev-reopen as raw (refused), blockdev-del: SIGSEGV',
    );
  });
});

test('where debuggers have seen it die, and who freed what was used', () => {
  const frames = [
    { function: 'raise' },
    { function: 'cor_co_preadv_part' },
    { function: 'bdrv_driver_preadv' },
  ];
  const qemu = { label: 'a', version: '11.1.3', flavour: 'daemon' as const };
  const fault: Stack = { by: 'gdb', is: 'fault', said: 'SIGSEGV', qemu, parts: [{ of: 'died', frames }] };
  const freed: Stack = {
    ...fault,
    ...{
      by: 'valgrind',
      is: 'use after free',
      parts: [{ of: 'freed', frames: [{ function: 'mirror_run' }] }],
    },
  };
  const sequence = sequenceOf(mirrorStep);
  const of = (...stacks: Stack[]) =>
    titleOf({ rule, at: asPlace(0), facts: died('SIGSEGV') }, sequence, traceOf(sequence), stacks);
  expect(of(fault)).toBe('blockdev-mirror: SIGSEGV in cor_co_preadv_part');
  expect(of(fault, freed)).toBe('blockdev-mirror: use after free, freed in mirror_run');
  const within = (...inner: string[]): Stack => ({
    ...fault,
    build: '9ffb0ed6',
    parts: [
      {
        of: 'died',
        frames: [...inner.map((name) => ({ function: name })), { module: 'qemu', offset: '0x137' }],
      },
    ],
  });
  expect(of(within('bitmap_clear'))).toBe('blockdev-mirror: SIGSEGV in bitmap_clear');
  expect(of(within('qemu_mutex_lock_impl', 'tran_commit'))).toBe('blockdev-mirror: SIGSEGV in tran_commit');
  expect(of(within())).toBe('blockdev-mirror: SIGSEGV');
});

test.each([
  ['qemu: qemu_mutex_unlock_impl: Operation not permitted', 'abort in qemu_mutex_unlock_impl'],
  ["qemu_aio_coroutine_enter: Co-routine was already scheduled in 'f'", 'abort in qemu_aio_coroutine_enter'],
  ['qemu-system-x86_64: -drive: no such file', 'SIGABRT'],
])('an abort by %s', (line, effect) => {
  expect(title(died('SIGABRT'), sequenceOf(mirrorStep), stderr(`${line}\n`))).toBe(
    `blockdev-mirror: ${effect}`,
  );
});

test('a name that is long and hostile makes no title that is longer than 100 characters or holds a control', () => {
  const hostile = `\u001b[31m\n${'x'.repeat(300)}`;
  const sequence = sequenceOf(
    step(hostile, { [hostile]: hostile }),
    step('blockdev-add', { driver: hostile }),
  );
  const text = title(
    died('SIGABRT'),
    sequence,
    stderr(`a.c:1: ${'f'.repeat(200)}: Assertion \`0' failed.\n`),
  );
  expect(text.length).toBeLessThanOrEqual(titleCharsMax);
  expect(text).not.toMatch(/\p{Cc}/u);
});

describe('of every committed finding', () => {
  const store = openFindings(join(import.meta.dirname, '../../findings'));
  const titles = store.list().findings.map(({ id }) => {
    const { finding, sequence, trace } = store.read(id);
    const { violation } = finding;
    if (!violation.facts) throw new Error(`${id} breaks no rule`);
    const broken = { rule: ruleNamed(finding.rule), at: asPlace(violation.at), facts: violation.facts };
    return [id, titleOf(broken, sequence(), trace()), sequence().steps] as const;
  });

  test.each(titles)('%s: %s', (_id, text, steps) => {
    expect(text.length).toBeLessThanOrEqual(titleCharsMax);
    // A command, a function of QEMU's, or the guest's requests where there is nothing else.
    const words = text.split(/[ :,]+/);
    const sent = steps.flatMap((step) => ('qmp' in step ? step.qmp : []));
    const isNamed = words.some(
      (word) => sent.includes(word) || word in cards || /^[a-z]+(_[a-z]+)+$/.test(word),
    );
    const isOfGuest = steps.every((step) => 'guest' in step) && text.startsWith('a guest ');
    expect(isNamed || isOfGuest).toBe(true);
    expect(text).not.toMatch(/#\d|pristine|\d\+\d/);
  });

  test('no two are alike', () => {
    expect(new Set(titles.map(([, text]) => text)).size).toBe(titles.length);
  });
});
