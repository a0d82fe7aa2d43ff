import { expect, test } from 'vitest';
import type { Observation } from '../../src/trace/observation.ts';
import { createRecorder } from '../../src/trace/recorder.ts';

test('observations keep their order, and time never runs backwards', () => {
  const recorder = createRecorder();
  for (let i = 0; i < 100; i++) recorder.record({ kind: 'stderr', text: String(i) });
  expect(recorder.trace.map((seen) => seen.kind === 'stderr' && seen.text)).toEqual(
    Array.from({ length: 100 }, (_, i) => String(i)),
  );
  const times = recorder.trace.map(({ us }) => us);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
});

test('the sink has each observation before anybody acts on it', () => {
  const sunk: Observation[] = [];
  const recorder = createRecorder((seen) => sunk.push(seen));
  let sunkWhenHeard = 0;
  recorder.listen(() => {
    sunkWhenHeard = sunk.length;
  });
  recorder.record({ kind: 'disconnect' });
  expect(sunkWhenHeard).toBe(1);
});

test('a listener hears of each observation and of each wake, until it takes itself off, even while it is called', () => {
  const recorder = createRecorder();
  let heard = 0;
  const unlisten = recorder.listen(() => {
    heard++;
    if (heard === 3) unlisten();
  });
  recorder.record({ kind: 'disconnect' });
  recorder.wake();
  recorder.wake();
  recorder.wake();
  recorder.record({ kind: 'disconnect' });
  expect(heard).toBe(3);
});

test('an event that comes again and again is counted after the first thousand, and what comes then keeps its place', () => {
  const recorder = createRecorder();
  const error = (device: string) =>
    recorder.record({ kind: 'event', name: 'BLOCK_JOB_ERROR', data: { device }, qemuUs: 0 });
  for (let i = 0; i < 5_000; i++) error('j0');
  error('j1');
  error('j0');
  recorder.record({ kind: 'disconnect' });
  const told = recorder.trace.slice(-4).map(({ us: _, ...seen }) => seen);
  expect(told).toMatchObject([
    { kind: 'repeated', times: 3_999 },
    { kind: 'event', data: { device: 'j1' } },
    { kind: 'event', data: { device: 'j0' } },
    { kind: 'disconnect' },
  ]);
  expect(recorder.trace.length).toBe(1_001 + 4);
});
