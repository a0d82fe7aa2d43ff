import { describe, expect, test, vi } from 'vitest';
import { deadline, deadlineOver, lostTime } from '../../src/execute/deadline.ts';
import { limits } from '../../src/execute/limits.ts';

const deadlineMs = limits.prolongedFromMs;
const runThatLost = (lostMs: number) => ({
  ...{ deadlineFactor: 1, lostMs: () => lostMs, isDerivingKeys: () => false },
});
/** Runs the clock on, and whatever is to be run right after. */
const pass = async (ms: number): Promise<void> => {
  await vi.advanceTimersByTimeAsync(ms);
  await vi.advanceTimersByTimeAsync(1);
};

describe('a deadline', () => {
  test('is over when its time has passed', async () => {
    expect(await lateAfter(runThatLost(0), deadlineMs, deadlineMs)).toBe(true);
  });

  test('is not over before', async () => {
    expect(await lateAfter(runThatLost(0), deadlineMs, deadlineMs / 2)).toBe(false);
  });

  test('is longer by the time that the machine gave to others', async () => {
    expect(await lateAfter(runThatLost(500), deadlineMs, deadlineMs + 400)).toBe(false);
    expect(await lateAfter(runThatLost(500), deadlineMs, deadlineMs + 500)).toBe(true);
  });

  test('is never longer than a certain number of times itself', async () => {
    const longest = deadlineMs * limits.prolongedAtMost;
    expect(await lateAfter(runThatLost(1e9), deadlineMs, longest)).toBe(true);
  });

  test('is not prolonged where it is short, and claims nothing about QEMU', async () => {
    expect(await lateAfter(runThatLost(1e9), 50, 50)).toBe(true);
  });

  test('is longer while keys are derived, and as ever when they are', async () => {
    let isDeriving = true;
    const run = { ...runThatLost(0), isDerivingKeys: () => isDeriving };
    expect(await lateAfter(run, deadlineMs, 10 * deadlineMs)).toBe(false);
    expect(await lateAfter(run, deadlineMs, deadlineMs + limits.keysMs)).toBe(true);
    isDeriving = false;
    expect(await lateAfter(run, deadlineMs, deadlineMs)).toBe(true);
  });

  test('is scaled to the host', async () => {
    const slow = { ...runThatLost(0), deadlineFactor: 3 };
    expect(await lateAfter(slow, deadlineMs, 2 * deadlineMs)).toBe(false);
    expect(await lateAfter(slow, deadlineMs, 3 * deadlineMs)).toBe(true);
  });

  test('that is scaled is no longer in the end than one that is prolonged', async () => {
    const slow = { ...runThatLost(1e9), deadlineFactor: 3 };
    expect(await lateAfter(slow, deadlineMs, deadlineMs * limits.prolongedAtMost)).toBe(true);
  });

  test('that is called off never comes', async () => {
    vi.useFakeTimers();
    const late = vi.fn();
    deadline(runThatLost(0), deadlineMs, late)();
    await pass(2 * deadlineMs);
    expect(late).not.toHaveBeenCalled();
    vi.useRealTimers();
  });

  test('that a loop looks at is over at the same time', () => {
    vi.useFakeTimers();
    const isOver = deadlineOver(runThatLost(500), deadlineMs);
    vi.advanceTimersByTime(deadlineMs + 400);
    expect(isOver()).toBe(false);
    vi.advanceTimersByTime(100);
    expect(isOver()).toBe(true);
    vi.useRealTimers();
  });
});

describe('time lost', () => {
  test('begins with nothing worth speaking of', () => {
    expect(lostTime(undefined, () => undefined)()).toBeGreaterThanOrEqual(0);
  });

  test('of a process that is gone is no error', () => {
    const lost = lostTime(process.pid, () => undefined);
    expect(Number.isFinite(lost())).toBe(true);
  });
});

async function lateAfter(
  run: ReturnType<typeof runThatLost>,
  deadlineMs: number,
  afterMs: number,
): Promise<boolean> {
  vi.useFakeTimers();
  const late = vi.fn();
  const callOff = deadline(run, deadlineMs, late);
  await pass(afterMs);
  callOff();
  vi.useRealTimers();
  return late.mock.calls.length === 1;
}
