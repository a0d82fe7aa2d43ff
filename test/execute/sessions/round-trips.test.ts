import { expect, test, vi } from 'vitest';
import { roundTrips } from '../../../src/execute/sessions/round-trips.ts';
import type { Session } from '../../../src/target/process/live-session.ts';

test('one slow answer changes nothing', async () => {
  expect(await roundTrips().measure(answering([9_000, 200, 300]))).toBe(300);
});

test('a host that was slow in the beginning is quick again once it answers quickly', async () => {
  const trips = roundTrips();
  expect(await trips.measure(answering([9_000, 8_000, 10_000]))).toBe(9_000);
  expect(await trips.measure(answering([200, 200, 200]))).toBe(8_000);
  expect(await trips.measure(answering([200, 200, 200]))).toBe(200);
});

test('a host that becomes slow is given more time from the third sequence on', async () => {
  const trips = roundTrips();
  for (let i = 0; i < 5; i++) expect(await trips.measure(answering([200, 200, 200]))).toBe(200);
  for (let i = 0; i < 2; i++) expect(await trips.measure(answering([5_000, 5_000, 5_000]))).toBe(200);
  expect(await trips.measure(answering([5_000, 5_000, 5_000]))).toBe(5_000);
});

/** A session whose queries take so many microseconds, by a clock that only they move. */
function answering(timesUs: number[]): Pick<Session, 'client' | 'nextCommandId'> {
  let nowUs = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => nowUs / 1000);
  const answer = () => {
    nowUs += timesUs.shift() ?? Number.NaN;
    return { reply: Promise.resolve({ kind: 'reply', return: {} }) };
  };
  return { client: { command: answer } as unknown as Session['client'], nextCommandId: () => -1 };
}
