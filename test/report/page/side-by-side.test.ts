import { expect, test } from 'vitest';
import { aligned } from '../../../src/report/page/aligned.ts';
import { diffPage } from '../../../src/report/page/diff-page.ts';
import { sideBySide } from '../../../src/report/page/side-by-side.ts';
import { timelineOf } from '../../../src/report/page/timeline.ts';
import type { Observation, Trace } from '../../../src/trace/observation.ts';
import { packTrace, unpackTrace } from '../../../src/trace/packed.ts';

const opened: Observation = {
  ...{ us: 0, kind: 'opened', schema: 1, tool: { name: 'mirrorfuzz', version: '0' } },
  qemu: { label: '11.1.3', version: '11.1.3', flavour: 'daemon' },
  ...{ startedAt: '', session: { sequencesBefore: 0 }, roundTripUs: 1 },
  sequence: {
    ...{ schema: 1, title: 'a', arena: { disks: [] } },
    steps: [{ qmp: 'query-jobs' }, { qmp: 'job-pause', args: { id: 'j0' } }],
  },
};

/** Two steps; the first takes as long as is said, the second is answered as is said. */
const run = (firstUs: number, error?: string): Trace => [
  opened,
  { us: 100, kind: 'phase', phase: 'steps' },
  { us: 100, kind: 'step', step: 0 },
  { us: 110, kind: 'command', id: 1, name: 'query-jobs', args: {}, step: 0 },
  { us: 100 + firstUs, kind: 'reply', id: 1, return: [] },
  { us: 100 + firstUs, kind: 'step', step: 1 },
  { us: 110 + firstUs, kind: 'command', id: 2, name: 'job-pause', args: { id: 'j0' }, step: 1 },
  {
    ...{ us: 150 + firstUs, kind: 'reply', id: 2 },
    ...(error === undefined ? { return: {} } : { error: { class: 'GenericError', desc: error } }),
  },
];

test('a step begins at the same place in all runs, and nothing is stretched', () => {
  const [quick, slow] = aligned([run(50), run(900)].map((trace) => ({ trace, timeline: timelineOf(trace) })));
  const bars = (of: typeof quick, name: string) =>
    of?.lanes.find((lane) => lane.name === name)?.bars.map(({ fromUs, toUs }) => [fromUs, toUs]);
  expect(bars(quick, 'monitor')).toEqual([
    [110, 1000],
    [1010, 1050],
  ]);
  expect(bars(slow, 'monitor')).toEqual([
    [110, 1000],
    [1010, 1050],
  ]);
  expect(quick?.lines.at(-1)?.us).toBe(200);
  expect([quick?.endUs, slow?.endUs]).toEqual([1050, 1050]);
});

test('what differs is marked in each run, where it shows', () => {
  const { sideBySide: beside } = sideBySide([
    { on: '7.2.22', trace: run(50) },
    { on: '11.1.3', trace: run(50, 'no') },
  ]);
  expect(beside?.differences).toEqual([
    { subject: 'reply to job-pause', what: 'outcome', step: 2, values: ['ok', 'GenericError'] },
  ]);
  expect(beside?.runs.map(({ on, timeline }) => [on, timeline.moments])).toEqual([
    ['7.2.22', [{ us: 200, line: 7, rule: 'reply to job-pause', words: 'ok', is: 'difference' }]],
    ['11.1.3', [{ us: 200, line: 7, rule: 'reply to job-pause', words: 'GenericError', is: 'difference' }]],
  ]);
});

test('a diff has its differences, each with the runs that were kept', () => {
  const group = (traces?: string[]) => ({
    ...{ what: 'outcome', subject: 'reply to job-pause', versions: ['7.2.22', '11.1.3'], sequences: 2 },
    values: ['ok', 'GenericError'],
    smallest: { name: 'a', step: 2, ...(traces ? { traces } : {}) },
  });
  const { page, details } = diffPage(
    {
      ...{ schema: 1, tool: { name: 'mirrorfuzz', version: '0' }, elapsedMs: 1, interrupted: false },
      ...{ qemu: [], runs: 6, verdict: 'different', folded: [] },
      sequences: { compared: 2, skipped: 0, undecided: 0, notReached: 0 },
      groups: [group([packTrace(run(50)), packTrace(run(50, 'no'))]), group()],
    },
    'diff.json',
  );
  expect(page.comparisons?.map(({ detail }) => detail)).toEqual([0, undefined]);
  expect(details[0]?.().sideBySide?.runs).toHaveLength(2);
});

test('a packed trace is the trace, and what is none is named', () => {
  const trace = run(50);
  expect(unpackTrace(packTrace(trace), 'a')).toEqual(trace);
  expect(() => unpackTrace('?', 'diff.json: groups.0')).toThrow('diff.json: groups.0: no packed trace');
});
