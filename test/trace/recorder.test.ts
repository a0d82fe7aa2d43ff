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
