import { join } from 'node:path';
import { expect, test } from 'vitest';
import { timelineOf } from '../../../src/report/page/timeline.ts';
import type { Observation, Trace } from '../../../src/trace/observation.ts';
import { readTrace } from '../../../src/trace/stored-trace.ts';

const root = join(import.meta.dirname, '../../..');
const stored = readTrace(join(root, 'findings/cf1ac77f89df/trace.jsonl'));
const lane = (trace: Trace, name: string) => timelineOf(trace).lanes.find((each) => each.name === name);

const opened = stored[0] as Observation;
const status = (us: number, id: string, is: string): Observation => ({
  ...{ us, kind: 'event', name: 'JOB_STATUS_CHANGE', qemuUs: 0 },
  data: { id, status: is },
});
const command = (us: number, id: number, step?: number): Observation => ({
  ...{ us, kind: 'command', id, name: 'query-jobs', args: {} },
  ...(step === undefined ? {} : { step }),
});

test('a job has a band for each status, and none once it is gone', () => {
  const bands = lane(stored, 'job j0')?.bars.map(({ tone, fromUs, toUs }) => [tone, fromUs, toUs]);
  expect(bands?.slice(0, 3)).toEqual([
    ['job-created', 20412, 20424],
    ['job-running', 20424, 20429],
    ['job-ready', 20429, 25738],
  ]);
  expect(bands?.at(-1)).toEqual(['job-concluded', 25758, 25763]);
});

test('a command lasts to its reply, and its handler may have run from the reply before on', () => {
  const bars = lane(stored, 'monitor')?.bars ?? [];
  expect(bars.find(({ text }) => text.startsWith('drive-mirror'))).toMatchObject({
    ...{ fromUs: 14193, toUs: 20447, tone: 'ok', hiddenFromUs: 14193, row: 0 },
  });
  // Two that were sent at once: the second is answered after the first.
  expect(bars.find(({ text }) => text.startsWith('job-cancel'))).toMatchObject({
    ...{ tone: 'error', hiddenFromUs: 26687 },
    text: expect.stringContaining('GenericError: Job not found'),
  });
});

test('what has no end lasts to the end of the trace, and is marked', () => {
  const trace: Trace = [
    opened,
    command(100, 1, 0),
    status(200, 'j', 'running'),
    { us: 900, kind: 'disconnect' },
  ];
  expect(lane(trace, 'monitor')?.bars).toMatchObject([{ fromUs: 100, toUs: 900, tone: 'open' }]);
  expect(lane(trace, 'job j')?.bars).toMatchObject([{ fromUs: 200, toUs: 900, tone: 'job-running' }]);
});

test('what overlaps stands in rows of its own, and a row that is free is used again', () => {
  const reply = (us: number, id: number): Observation => ({ us, kind: 'reply', id, return: {} });
  const trace: Trace = [
    opened,
    command(1, 1),
    command(2, 2),
    reply(5, 1),
    reply(6, 2),
    command(7, 3),
    reply(8, 3),
  ];
  const monitor = lane(trace, 'monitor');
  expect(monitor?.bars.map(({ row }) => row)).toEqual([0, 1, 0]);
  expect(monitor?.rows).toBe(2);
});

test('every observation is a line, as it is and in words; names with escapes in them are written out', () => {
  const evil = status(3, '\u001b[31m<img>\u202e', 'running');
  const { lines, lanes } = timelineOf([opened, evil]);
  expect(lines).toHaveLength(2);
  expect(JSON.parse(lines[1]?.raw ?? '')).toEqual(evil);
  expect(lanes.map(({ name }) => name)).toEqual(['job \\x1b[31m<img>\\u202e']);
});

test('a rule is broken at the time of its line', () => {
  const { moments } = timelineOf(stored, [{ line: 55, rule: 'integrity/guest-disk', words: 'x' }]);
  expect(moments).toEqual([{ line: 55, rule: 'integrity/guest-disk', words: 'x', us: stored[55]?.us }]);
});
