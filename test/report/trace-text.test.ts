import { expect, test } from 'vitest';
import { traceText } from '../../src/report/trace-text.ts';
import type { Seen, Trace } from '../../src/trace/observation.ts';

const opened: Seen = {
  kind: 'opened',
  schema: 1,
  tool: { name: 'mirrorfuzz', version: '0' },
  qemu: { label: '7.2.22', version: '7.2.22', flavour: 'daemon' },
  startedAt: '2026-01-01T00:00:00.000Z',
  session: { sequencesBefore: 0 },
  roundTripUs: 300,
  sequence: { schema: 1, title: 'a title', arena: { disks: [] }, steps: [{ qmp: 'query-jobs' }] },
} as Seen;

const trace: Trace = (
  [
    opened,
    { kind: 'phase', phase: 'set-up' },
    { kind: 'command', id: 'm1', name: 'blockdev-add', args: {} },
    { kind: 'phase', phase: 'steps' },
    { kind: 'step', step: 0 },
    { kind: 'command', id: 'm2', name: 'query-jobs', args: {}, step: 0 },
    { kind: 'reply', id: 'm2', return: [] },
    { kind: 'phase', phase: 'teardown' },
    { kind: 'stderr', text: 'two\nlines\u001b[2J\n' },
    { kind: 'exit', code: null, signal: 'SIGSEGV', asked: false },
  ] as Seen[]
).map((seen, us) => ({ us, ...seen }));

test('what the steps did is told, and what goes wrong in every phase', () => {
  const lines = traceText(trace);
  expect(lines.map((line) => line.replace(/^ *[\d.]+ ms +/, ''))).toEqual([
    'a title  [7.2.22 daemon]',
    '1  query-jobs',
    '-> query-jobs {}',
    '<- return []',
    'stderr: two\\nlines\\x1b[2J',
    'QEMU ended: SIGSEGV (unasked)',
  ]);
});

test('all of it is told on demand', () => {
  const text = traceText(trace, { all: true }).join('\n');
  expect(text).toContain('-> blockdev-add {}');
  expect(text).toContain('-- teardown');
});
