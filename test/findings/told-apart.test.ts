import { expect, test } from 'vitest';
import { isVague } from '../../src/findings/apart.ts';
import type { Trace } from '../../src/trace/observation.ts';
import { committed, metAgain, planted, signaturesOf } from './recorded.ts';

/*
 * Two defects that break one rule are two findings. Each trace was recorded: those of committed findings, of a QEMU into
 * which bugs had been built, and of other sequences that show a committed defect.
 */

const finding = (id: string): Trace[] => [committed.read(id).trace()];
const again = (id: string): Trace[] => new Map(metAgain()).get(id) ?? [];

type Defect = [what: string, traces: Trace[]];
const oddEnd: Defect = ['an odd end is not copied', planted('odd-end')];
const lostZero: Defect = ['the guest’s zeroes are not mirrored', planted('lost-zero')];
const lostAtCancel: Defect = ['what is dirty at a soft cancel is not copied', planted('lost-at-cancel')];
const forgotten: Defect = ['what met an error is not copied again', planted('forgotten-chunk')];
const besideWrite: Defect = ['an overlay is zeroed beside a write', again('cf1ac77f89df')];
const atReopen: Defect = ['a write in flight at a reopen is lost', again('2d105779a22f')];
const failedPivot: Defect = ['a mirror that failed moves the guest', again('b60345a2c0de')];

const pairs: [rule: string, one: Defect, other: Defect][] = [
  ['integrity/mirror-copy', oddEnd, lostZero],
  ['integrity/mirror-copy', lostZero, lostAtCancel],
  ['integrity/mirror-copy', forgotten, oddEnd],
  ['integrity/mirror-copy', forgotten, lostAtCancel],
  ['integrity/guest-disk', besideWrite, atReopen],
  ['integrity/guest-disk', besideWrite, forgotten],
  ['integrity/guest-disk', atReopen, lostZero],
  ['integrity/guest-read', failedPivot, besideWrite],
  ['integrity/guest-read', failedPivot, lostZero],
  [
    'hang/resume',
    ['a refused reopen leaves it drained', finding('c32d270cdd64')],
    ['a refused complete leaves it paused', planted('complete-while-paused')],
  ],
  [
    'hang/command',
    ['blockdev-add never ends', finding('dc94e08a45f6')],
    ['a transaction never ends', finding('ebbe134c3ddb')],
  ],
  [
    'leak/leftover',
    ['a refused stream keeps its nodes', finding('57f559401238')],
    ['a refused mirror keeps its filter', planted('filter-left')],
  ],
  [
    'crash/signal',
    ['a cancel while pending', planted('cancel-while-pending')],
    ['a second READY', finding('6081106ad557')],
  ],
];

test.each(pairs.map(([rule, [one, ones], [other, others]]) => [rule, one, other, ones, others] as const))(
  '%s: “%s” is not “%s”',
  (rule, _one, _other, one, other) => {
    const signatures = (traces: readonly Trace[]): string[] =>
      traces.flatMap((trace) => signaturesOf(trace).get(rule) ?? []);
    expect(signatures(one)).not.toEqual([]);
    expect(signatures(other)).not.toEqual([]);
    expect(signatures(one).filter((each) => signatures(other).includes(each))).toEqual([]);
  },
);

test.each(['odd-end', 'forgotten-chunk'])(
  '%s is one finding, whether the guest’s disk shows it or the copy',
  (name) => {
    const all = planted(name).map((trace) => [...signaturesOf(trace).values()]);
    expect(all).toHaveLength(2);
    expect(new Set(all.flat()).size).toBe(1);
  },
);

test.each([
  ['a refused stream', again('57f559401238')],
  ['a refused mirror', planted('filter-left')],
])('a leak of %s is told once, not by what it keeps from working too', (_what, traces) => {
  for (const trace of traces) expect([...signaturesOf(trace).keys()]).toEqual(['leak/leftover']);
});

test.each([
  ['crash/SIGSEGV in query-jobs', true],
  ['crash/the heap is corrupted', true],
  ['crash/assertion qemu-thread-posix.c: qemu_mutex_lock_impl: mutex->initialized', true],
  ['crash/qemu_mutex_lock_impl: Invalid argument', true],
  ['crash/assertion block.c: bdrv_close: QLIST_EMPTY(&bs->dirty_bitmaps)', false],
])('%s: may be more than one defect: %s', (signature, is) => {
  expect(isVague(signature)).toBe(is);
});
