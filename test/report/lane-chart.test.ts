import { expect, test } from 'vitest';
import { laneChart } from '../../src/report/lane-chart.ts';
import type { Observation } from '../../src/trace/observation.ts';

const opened: Observation = {
  ...{ us: 0, kind: 'opened', schema: 1, tool: { name: 'mirrorfuzz', version: '0' } },
  qemu: { label: '11.1.3', version: '11.1.3', flavour: 'daemon' },
  ...{ startedAt: '', session: { sequencesBefore: 0 }, roundTripUs: 1 },
  sequence: { schema: 1, title: 'a', arena: { disks: [] }, steps: [] },
};
const status = (us: number, is: string): Observation => ({
  ...{ us, kind: 'event', name: 'JOB_STATUS_CHANGE', qemuUs: 0 },
  data: { id: 'j0', status: is },
});
const write: Observation = {
  ...{ us: 40, kind: 'guest-begin', request: 1, disk: 'src', via: 'nbd' },
  op: { op: 'write', offsetBytes: 0, lengthBytes: 512, generation: 1 },
};

test("a job's statuses and the guest's requests stand in a line each, in the order of changes", () => {
  const trace = [
    opened,
    status(10, 'running'),
    status(1_000_000, 'ready'),
    write,
    status(1_000_100, 'null'),
  ].sort((a, b) => a.us - b.us);
  const chart = laneChart([...trace, { us: 1_000_200, kind: 'disconnect' }], 3);
  expect(chart).toEqual([
    '  job j0    |running--------------------------|ready-----------',
    '  guest src                  |1================================================>',
    '                                              ^ a rule is broken',
  ]);
  expect(chart.every((line) => line.length <= 80)).toBe(true);
});

test('of hundreds of changes all lines stay within the screen', () => {
  const many = Array.from({ length: 400 }, (_, i) => status(i, i % 2 === 0 ? 'running' : 'paused'));
  const chart = laneChart([opened, ...many]);
  expect(chart).toHaveLength(1);
  expect(chart[0]?.length).toBeLessThanOrEqual(80);
});

test('where there was neither a job nor a request there is no chart', () => {
  expect(laneChart([opened])).toEqual([]);
});
