import { type Expectation, type Origins, sizeOf } from '../../model/content/expectation.ts';
import type { GuestChange } from '../../model/content/guest-history.ts';
import { stampBytes } from '../../trace/content-bytes.ts';
import type { ContentRun, Origin } from '../../trace/content-run.ts';
import type { Trace } from '../../trace/observation.ts';
import { originBytes } from '../../trace/origin-bytes.ts';
import type { ContentFact, HeldContent, WrongRange } from '../facts/content.ts';
import type { Ledger } from '../ledger.ts';
import type { Rule } from '../rule.ts';

export type ContentMismatch = { from: number; to: number; found: Origin; expected: ReadonlySet<Origin> };

/** `wrong`: runs that were found, and are none of those that may be there; `isBlurred`: some more may be. */
export type Compared = { wrong: ContentMismatch[]; isBlurred: boolean };

export function mismatches(
  runs: readonly ContentRun[],
  expectation: Expectation,
  seed: number | undefined,
): Compared {
  const wrong: ContentMismatch[] = [];
  let next = 0;
  for (const [offset, length, found] of runs) {
    const end = Math.min(offset + length, sizeOf(expectation));
    while ((expectation[next]?.to ?? Number.POSITIVE_INFINITY) <= offset) next++;
    for (let i = next; i < expectation.length; i++) {
      const stretch = expectation[i];
      if (!stretch || stretch.from >= end) break;
      if (stretch.origins === 'any' || stretch.origins.has(found)) continue;
      const from = Math.max(offset, stretch.from);
      const to = Math.min(end, stretch.to);
      const last = wrong.at(-1);
      if (last?.to === from && last.found === found && sameOrigins(last.expected, stretch.origins))
        last.to = to;
      else if (from < to) wrong.push({ from, to, found, expected: stretch.origins });
    }
  }
  const odd = expectation.map(({ from }) => from).filter((edge) => edge % stampBytes !== 0);
  const others = wrong.filter((each) => !isTwin(each, seed));
  const sharp = others.filter((each) => !isBlurred(each, odd));
  return { wrong: sharp, isBlurred: sharp.length < others.length };
}

/** Nothing is wrong that can be told. */
export function recordRight(ledger: Ledger, rule: Rule, { isBlurred }: Compared): void {
  if (isBlurred) ledger.undecided(rule, 'too small');
  else ledger.held(rule);
}

/**
 * A piece shorter than a stamp may be the same bytes by several names: a byte is also the begin of some stamp. And
 * zeroes at the end of a boot sector that has been written to are told as such.
 */
function isTwin({ from, to, found, expected }: ContentMismatch, seed: number | undefined): boolean {
  if (to - from >= stampBytes && !expected.has('boot')) return false;
  const bytes = originBytes(found, from, to - from, seed);
  return (
    bytes !== undefined &&
    [...expected].some((origin) => originBytes(origin, from, to - from, seed)?.equals(bytes))
  );
}

/**
 * Where neighbours have bytes in common, the reader of an image can't tell to the byte where one ends: at an edge that
 * lies within a stamp, what is no longer than one does not count.
 */
function isBlurred({ from, to }: ContentMismatch, oddEdges: readonly number[]): boolean {
  return (
    to - from <= stampBytes && oddEdges.some((edge) => from - stampBytes <= edge && edge <= to + stampBytes)
  );
}

const sameOrigins = (a: Origins, b: Origins): boolean =>
  a === b || (a !== 'any' && b !== 'any' && a.size === b.size && [...a].every((origin) => b.has(origin)));

/** A report shows so many. */
const rangesKept = 4;

/** The first ranges, and how many there are more. */
export function wrongRanges(
  wrong: readonly ContentMismatch[],
  changes: ReadonlyMap<number, GuestChange>,
  trace: Trace,
): Pick<ContentFact, 'wrong' | 'more'> {
  const kept = wrong.slice(0, rangesKept).map(({ from, to, found, expected }): WrongRange => {
    const due = [...expected].map((origin): HeldContent => {
      const zeroes = origin === 'zero' ? lastZeroes(changes, from) : undefined;
      return zeroes ? { origin, by: requestOf(zeroes, trace) } : heldBy(origin, changes, trace);
    });
    return { offsetBytes: from, lengthBytes: to - from, holds: heldBy(found, changes, trace), due };
  });
  return { wrong: kept, more: wrong.length - kept.length };
}

/** The request of the guest that may have left zeroes there. */
function lastZeroes(changes: ReadonlyMap<number, GuestChange>, at: number): GuestChange | undefined {
  const covers = ({ offsetBytes, lengthBytes, origin }: GuestChange): boolean =>
    origin === 'zero' && offsetBytes <= at && at < offsetBytes + lengthBytes;
  return [...changes.values()].findLast(covers);
}

function heldBy(origin: Origin, changes: ReadonlyMap<number, GuestChange>, trace: Trace): HeldContent {
  const [, number = '0', apart] = /^[^:]+:(\d+)(?:@(.*))?$/.exec(origin) ?? [];
  const change = changes.get(Number(number));
  if (!change || origin.startsWith('byte:') || origin.startsWith('unknown:')) return { origin };
  const by = { ...requestOf(change, trace), kind: 'write' as const };
  return { origin, by: apart === undefined ? by : { ...by, apart } };
}

function requestOf(
  { kind, request, end, acknowledged }: GuestChange,
  trace: Trace,
): NonNullable<HeldContent['by']> {
  const us = trace[end]?.us;
  return { kind, request, ...(acknowledged && us !== undefined ? { acknowledgedUs: us } : {}) };
}
