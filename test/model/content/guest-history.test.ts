import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Expectation, only, uniform } from '../../../src/model/content/expectation.ts';
import { type GuestChange, possibleWithin, surelyWritten } from '../../../src/model/content/guest-history.ts';
import type { Origin } from '../../../src/trace/content-run.ts';

const sizeBytes = 64;
const initial = uniform(sizeBytes, only('src:0'));

/** A change that took effect at `at`, wherever between its begin and its end; of a failed one, on its first half only. */
type Happened = { change: GuestChange; at: number };

const happened = fc
  .record({
    request: fc.integer({ min: 1, max: 50 }),
    kind: fc.constantFrom('write', 'write', 'zero', 'discard') as fc.Arbitrary<GuestChange['kind']>,
    times: fc.tuple(fc.nat(99), fc.nat(99), fc.nat(99)).map((each) => each.sort((a, b) => a - b)),
    offsetBytes: fc.nat(sizeBytes + 5),
    lengthBytes: fc.nat(40),
    acknowledged: fc.boolean(),
    seen: fc.boolean(),
  })
  .map(({ times: [begin = 0, at = 0, end = 0], kind, request, acknowledged, seen, ...place }): Happened => {
    const origin: Origin = kind === 'write' ? `src:${request}` : 'zero';
    const over = acknowledged || seen ? end + 0.9 : Number.POSITIVE_INFINITY;
    const change = {
      ...place,
      request,
      kind,
      origin,
      acknowledged,
      durable: false,
      begin: begin - 0.5,
      end: over,
    };
    return { change, at: at + request / 100 };
  });

/** The disk as it was at an instant. */
function diskAt(instant: number, all: readonly Happened[]): Origin[] {
  const disk = Array<Origin>(sizeBytes).fill('src:0');
  for (const { change, at } of [...all].sort((a, b) => a.at - b.at)) {
    if (at > instant) break;
    const { offsetBytes, lengthBytes, acknowledged, kind, origin, request } = change;
    const length = acknowledged ? lengthBytes : Math.floor(lengthBytes / 2);
    const takesEffect = kind !== 'discard' || request % 2 === 0;
    if (takesEffect) disk.fill(origin, offsetBytes, offsetBytes + length);
  }
  return disk;
}

const originsAt = (expectation: Expectation, byte: number) =>
  expectation.find(({ from, to }) => from <= byte && byte < to)?.origins;

describe('what a reader may find', () => {
  test('includes what was there at any instant of its window, whatever was in flight', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(happened, { maxLength: 8, selector: ({ change }) => change.request }),
        fc.tuple(fc.nat(120), fc.nat(120), fc.nat(120)).map((each) => each.sort((a, b) => a - b)),
        (all, [from = 0, instant = 0, to = 0]) => {
          const changes = all.map(({ change }) => change).sort((a, b) => a.begin - b.begin);
          const window = { from, to: to + 1 };
          const possible = possibleWithin({ changes, layered: false }, initial, window);
          const unforeseen = diskAt(instant + 0.5, all).filter((origin, byte) => {
            const origins = originsAt(possible, byte);
            return origins !== 'any' && !origins?.has(origin);
          });
          expect(unforeseen).toEqual([]);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('is one content only, where one request followed the other and all went well', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(happened, { maxLength: 8, selector: ({ change }) => change.request }),
        (all) => {
          const changes = all
            .filter(({ change }) => change.kind !== 'discard')
            .map(({ change }, i) => ({ ...change, acknowledged: true, begin: 2 * i, end: 2 * i + 1 }));
          const possible = possibleWithin({ changes, layered: false }, initial, { from: 99, to: 99 });
          const last = diskAt(
            100,
            changes.map((change) => ({ change, at: change.begin })),
          );
          expect(last.map((_, byte) => [...(originsAt(possible, byte) ?? [])].join())).toEqual(last);
        },
      ),
    );
  });

  test('is anything where a discard may bring to light what lies below', () => {
    const discard: GuestChange = {
      request: 1,
      begin: 1,
      end: 2,
      offsetBytes: 0,
      lengthBytes: 32,
      origin: 'zero',
      kind: 'discard',
      acknowledged: true,
      durable: false,
    };
    const possible = possibleWithin({ changes: [discard], layered: true }, initial, { from: 9, to: 9 });
    expect(originsAt(possible, 31)).toBe('any');
    expect(originsAt(possible, 32)).toEqual(new Set(['src:0']));
  });
});

test('what was surely written began after the one place and ended before the other', () => {
  const write = (begin: number, end: number, offsetBytes: number): GuestChange => ({
    request: offsetBytes,
    begin,
    end,
    offsetBytes,
    lengthBytes: 4,
    origin: 'src:1',
    kind: 'write',
    acknowledged: true,
    durable: false,
  });
  const changes = [write(1, 3, 0), write(3, 4, 8), write(4, 5, 12), write(5, 9, 20)];
  expect(surelyWritten({ changes, layered: false }, sizeBytes, { from: 2, to: 8 })).toEqual([
    { from: 8, to: 16 },
  ]);
});
