import { expect, test } from 'vitest';
import { timelineOf } from '../../../src/report/page/timeline.ts';
import type { Observation, Trace } from '../../../src/trace/observation.ts';

const lane = (trace: Trace, name: string) => timelineOf(trace).lanes.find((each) => each.name === name);

const opened: Observation = {
  ...{ us: 0, kind: 'opened', schema: 1, tool: { name: 'mirrorfuzz', version: '0' } },
  qemu: { label: '11.1.3', version: '11.1.3', flavour: 'daemon' },
  ...{ startedAt: '', session: { sequencesBefore: 0 }, roundTripUs: 1 },
  sequence: { schema: 1, title: 'a', arena: { disks: [] }, steps: [{ qmp: 'query-jobs' }] },
};
const status = (us: number, id: string, is: string): Observation => ({
  ...{ us, kind: 'event', name: 'JOB_STATUS_CHANGE', qemuUs: 0 },
  data: { id, status: is },
});
const command = (us: number, id: number, step?: number): Observation => ({
  ...{ us, kind: 'command', id, name: 'query-jobs', args: {} },
  ...(step === undefined ? {} : { step }),
});

const reply = (us: number, id: number): Observation => ({ us, kind: 'reply', id, return: {} });

test('a job has a band for each status, and none once it is gone', () => {
  const trace: Trace = [
    opened,
    ...[status(10, 'j0', 'created'), status(20, 'j0', 'running'), status(50, 'j0', 'concluded')],
    ...[status(60, 'j0', 'null'), { us: 90, kind: 'disconnect' } as const],
  ];
  const bands = lane(trace, 'job j0')?.bars.map(({ tone, fromUs, toUs }) => [tone, fromUs, toUs]);
  expect(bands).toEqual([
    ['job-created', 10, 20],
    ['job-running', 20, 50],
    ['job-concluded', 50, 60],
  ]);
});

test('a command lasts to its reply, and its handler may have run from the reply before on', () => {
  const error = { class: 'GenericError', desc: 'Job not found' };
  const trace: Trace = [
    opened,
    ...[command(10, 1, 0), command(11, 2), command(12, 3), reply(30, 1), reply(40, 2)],
    { us: 50, kind: 'reply', id: 3, error },
  ];
  expect(lane(trace, 'monitor')?.bars).toMatchObject([
    { fromUs: 10, toUs: 30, hiddenFromUs: 10, tone: 'ok' },
    { fromUs: 11, toUs: 40, hiddenFromUs: 30, tone: 'own' },
    {
      fromUs: 12,
      toUs: 50,
      hiddenFromUs: 40,
      tone: 'error',
      text: 'query-jobs {} -> GenericError: Job not found',
    },
  ]);
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
  const moment = { line: 1, rule: 'crash/signal', words: 'SIGSEGV' };
  expect(timelineOf([opened, command(7, 1)], [moment]).moments).toEqual([{ ...moment, us: 7 }]);
});
