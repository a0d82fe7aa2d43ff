import { expect, test } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { parseTrace, printTrace } from '../../src/trace/lines.ts';
import type { Observation, Trace } from '../../src/trace/observation.ts';

const opened: Observation = {
  us: 0,
  kind: 'opened',
  schema: 1,
  tool: { name: 'mirrorfuzz', version: '0' },
  qemu: { label: '7.2.22', version: '7.2.22', flavour: 'system' },
  startedAt: '2026-01-01T00:00:00.000Z',
  session: { sequencesBefore: 0 },
  roundTripUs: 300,
  sequence: { schema: 1, title: 't', arena: { disks: [] }, steps: [] },
};
const trace: Trace = [
  opened,
  { us: 1, kind: 'command', id: 'm1', name: 'query-jobs', args: {}, step: 0 },
  { us: 2, kind: 'reply', id: 'm1', return: [{ text: 'a\nb\u2028' }] },
  { us: 3, kind: 'stderr', text: 'two\nlines\n' },
  { us: 4, kind: 'closed', pristine: true, commands: 1, elapsedUs: 4 },
];

test('a trace reads back as it was printed, a line an observation', () => {
  const text = printTrace(trace);
  expect(text.split('\n')).toHaveLength(trace.length + 1);
  expect(parseTrace(text, 'a.jsonl')).toEqual(trace);
});

test('a last line that is cut short anywhere, as a killed run leaves it, is left out', () => {
  const whole = printTrace(trace.slice(0, -1));
  const last = JSON.stringify(trace.at(-1));
  for (let length = 0; length < last.length; length++) {
    expect(parseTrace(whole + last.slice(0, length), 'a.jsonl')).toEqual(trace.slice(0, -1));
  }
});

test('a last line that lacks only its end counts', () => {
  expect(parseTrace(printTrace(trace).trimEnd(), 'a.jsonl')).toEqual(trace);
});

test.each(['{"us": 1, "ki', '{"us": 1}', '[]', 'null', 'hello'])(
  'a line in the middle that is %s is named',
  (broken) => {
    const [first, ...rest] = printTrace(trace).split('\n');
    const text = [first, broken, ...rest].join('\n');
    expect(() => parseTrace(text, 'a.jsonl')).toThrow(
      new UsageError('a.jsonl:2: not an observation of a trace'),
    );
  },
);

test.each(['', '\n', printTrace(trace.slice(1))])(
  'a file that does not open as a trace does is refused',
  (text) => {
    expect(() => parseTrace(text, 'a.jsonl')).toThrow(/^a\.jsonl:1: a trace opens with/);
  },
);
