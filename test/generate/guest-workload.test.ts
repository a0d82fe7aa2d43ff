import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { drawFrom } from '../../src/generate/draw.ts';
import { guestWorkload, type WorkloadKind, workloadKinds } from '../../src/generate/guest-workload.ts';
import { type GuestStep, stepSchema } from '../../src/sequence/step.ts';

const MiB = 2 ** 20;
const sizes = fc.oneof(
  fc.constantFrom(1, 2, 511, 512, 513, 65_536, 65_537, MiB),
  fc.integer({ min: 1, max: 2 ** 40 }),
);

describe.each(workloadKinds)('%s', (kind) => {
  test('stays within a disk of any size, and ends when the last request has', () => {
    fc.assert(
      fc.property(sizes, fc.string(), (sizeBytes, seed) => {
        const steps = workload(kind, sizeBytes, seed);
        expect(steps).toHaveLength(21);
        expect(steps.at(-1)).toEqual({ await: 'guest' });
        for (const { offsetBytes, lengthBytes } of extents(steps)) {
          expect(offsetBytes).toBeGreaterThanOrEqual(0);
          expect(lengthBytes).toBeGreaterThan(0);
          expect(offsetBytes + lengthBytes).toBeLessThanOrEqual(sizeBytes);
        }
      }),
    );
  });

  test('is made of steps that a sequence may have', () => {
    for (const step of workload(kind, MiB)) expect(stepSchema.safeParse(step).success).toBe(true);
  });

  test('is the same for the same seed, and another for another', () => {
    expect(workload(kind, MiB, 'a')).toEqual(workload(kind, MiB, 'a'));
    expect(workload(kind, MiB, 'a')).not.toEqual(workload(kind, MiB, 'b'));
  });

  test('of a disk of no size, or of no request, is nothing', () => {
    expect(workload(kind, 0)).toEqual([]);
    expect(guestWorkload(drawFrom('a'), kind, { disk: 'src', sizeBytes: MiB, requests: 0 })).toEqual([]);
  });

  test('leaves most of its requests in flight', () => {
    const guests = all(kind).filter((step) => 'guest' in step);
    const inFlight = guests.filter(({ wait }) => wait === false);
    expect(inFlight.length).toBeGreaterThan(guests.length / 2);
    expect(inFlight.length).toBeLessThan(guests.length);
  });
});

test.each(workloadKinds.filter((kind) => kind !== 'unaligned' && kind !== 'tail'))(
  '%s begins with a sector, and ends with one or with the disk',
  (kind) => {
    for (const { offsetBytes, lengthBytes } of extents(workload(kind, 100_001))) {
      expect(offsetBytes % 512).toBe(0);
      expect(lengthBytes % 512 === 0 || offsetBytes + lengthBytes === 100_001).toBe(true);
    }
  },
);

test('sequential goes on where the request before it ended, and from the end to the start', () => {
  const found = extents(workload('sequential', 100_001));
  for (const [i, { offsetBytes }] of found.slice(1).entries()) {
    const before = found[i]!;
    const end = before.offsetBytes + before.lengthBytes;
    expect(offsetBytes).toBe(end === 100_001 ? 0 : end);
  }
});

test('overlapping requests all meet each other', () => {
  const found = extents(workload('overlapping', MiB));
  const lastBegin = Math.max(...found.map(({ offsetBytes }) => offsetBytes));
  for (const { offsetBytes, lengthBytes } of found)
    expect(offsetBytes + lengthBytes).toBeGreaterThan(lastBegin);
  expect(new Set(found.map(({ offsetBytes }) => offsetBytes)).size).toBeGreaterThan(1);
});

test('unaligned requests neither begin nor end with a sector, but at the end of the disk', () => {
  for (const { offsetBytes, lengthBytes } of extents(all('unaligned'))) {
    const end = offsetBytes + lengthBytes;
    expect(offsetBytes % 512).not.toBe(0);
    expect(end % 512 !== 0 || end === MiB).toBe(true);
  }
});

test('one-sector requests are of one sector, multi-cluster ones of more than a cluster', () => {
  for (const { lengthBytes } of extents(all('one-sector'))) expect(lengthBytes).toBe(512);
  for (const { lengthBytes } of extents(all('multi-cluster'))) expect(lengthBytes).toBeGreaterThan(65_536);
});

test('a hot spot has most of the requests', () => {
  const offsets = extents(all('hot-spot', 'one seed')).map(({ offsetBytes }) => offsetBytes);
  const hottest = Math.max(...offsets.map((offset) => offsets.filter((each) => each === offset).length));
  expect(hottest).toBeGreaterThan(offsets.length / 2);
});

test('the mixes have what their names say', () => {
  const share = (kind: WorkloadKind, of: readonly string[]): number => {
    const guests = all(kind).flatMap((step) => ('guest' in step ? [step.guest] : []));
    return guests.filter((each) => of.includes(each)).length / guests.length;
  };
  expect(share('zero-discard-mix', ['zero', 'discard'])).toBeGreaterThan(0.4);
  expect(share('flush-heavy', ['flush'])).toBeGreaterThan(0.3);
});

test('tail reaches the last byte, and stays close to it', () => {
  const found = extents(all('tail'));
  expect(found.some(({ offsetBytes, lengthBytes }) => offsetBytes + lengthBytes === MiB)).toBe(true);
  for (const { offsetBytes, lengthBytes } of found) {
    expect(offsetBytes + lengthBytes).toBeGreaterThanOrEqual(MiB - 1024);
  }
});

type Steps = ReturnType<typeof guestWorkload>;

function workload(kind: WorkloadKind, sizeBytes: number, seed = 'a seed', requests = 20): Steps {
  return guestWorkload(drawFrom(seed), kind, { disk: 'src', sizeBytes, requests });
}

/** Enough requests to a disk of 1 MiB for shares to show. */
const all = (kind: WorkloadKind, seed = 'a seed'): Steps => workload(kind, MiB, seed, 500);

function extents(steps: Steps): { offsetBytes: number; lengthBytes: number }[] {
  const placed = steps.filter((step): step is GuestStep => 'guest' in step && step.guest !== 'flush');
  return placed.map(({ offsetBytes = -1, lengthBytes = 0 }) => ({ offsetBytes, lengthBytes }));
}
