import { expect, test } from 'vitest';
import { openRate, type RatedRun } from '../../src/findings/rate.ts';
import type { Seen, Trace } from '../../src/trace/observation.ts';
import { mirrorStep, sequenceOf, traceOf } from './found.ts';

const program = { label: '7.2.22', version: '7.2.22', flavour: 'system' } as const;

function answered(desc?: string, errorClass = 'GenericError', name = 'blockdev-reopen'): Trace {
  const steps: Seen = { kind: 'phase', phase: 'steps' };
  const sent: Seen = { kind: 'command', id: 1, name, args: {}, step: 0 };
  const reply: Seen =
    desc === undefined
      ? { kind: 'reply', id: 1, return: {} }
      : { kind: 'reply', id: 1, error: { class: errorClass, desc } };
  return traceOf(sequenceOf(mirrorStep), steps, sent, reply);
}

const shows: RatedRun = { signatures: ['it'], trace: answered() };
const nothing: RatedRun = { signatures: [], trace: answered() };
const breaks: RatedRun = { signatures: ['crash/other'], trace: answered() };
const unknown: RatedRun = {
  signatures: [],
  trace: answered('The command blockdev-reopen has not been found', 'CommandNotFound'),
};

function rated(runs: readonly RatedRun[], trace: Trace = answered()) {
  const rate = openRate({ signature: 'it', trace }, program);
  for (const run of runs) rate.add(run);
  return rate;
}

const times = (count: number, run: RatedRun): RatedRun[] => Array.from({ length: count }, () => run);

test.each<[string, RatedRun[], number, object]>([
  ['ten that show it', times(10, shows), 10, { outcome: 'shows', ok: 10, of: 10 }],
  ['one in twenty', [...times(19, nothing), shows], 20, { outcome: 'shows', ok: 1, of: 20 }],
  ['none in twenty', times(20, nothing), 20, { outcome: 'does-not-show', ok: 0, of: 20 }],
  [
    'ten that break something else',
    times(10, breaks),
    10,
    { outcome: 'fails-otherwise', how: 'crash/other (10 of 10 runs)' },
  ],
  ['a command that is not there', [unknown], 1, { outcome: 'lacks', how: 'no blockdev-reopen' }],
])('%s are enough, and no fewer', (_what, runs, enough, row) => {
  const rate = openRate({ signature: 'it', trace: answered() }, program);
  const told = runs.map((run) => {
    rate.add(run);
    return rate.missing() === 0;
  });
  expect(told.indexOf(true) + 1).toBe(enough);
  expect(rate.row()).toMatchObject({ ...program, ...row });
});

test('a command that was not there when the defect was found is none that is lacking', () => {
  expect(rated(times(10, unknown), unknown.trace).row()?.outcome).toBe('does-not-show');
});

test('a command that no QEMU has lacks nowhere: a QEMU that refuses it in place of dying does not show the defect', () => {
  const desc = 'The command no-such-command has not been found';
  const refused: RatedRun = { signatures: [], trace: answered(desc, 'CommandNotFound', 'no-such-command') };
  expect(rated(times(20, refused)).row()?.outcome).toBe('does-not-show');
});

test.each([
  "Parameter 'filter-node-name' is unexpected",
  "Invalid parameter 'x'",
  "Unknown driver 'iscsi'",
  "Parameter 'driver' does not accept value 'snapshot-access'",
])('%s: it lacks something', (desc) => {
  const row = rated([{ signatures: [], trace: answered(desc) }]).row();
  expect(row).toMatchObject({ outcome: 'lacks', how: `blockdev-reopen: ${desc}` });
});

test('a refusal as any version gives is none', () => {
  expect(rated([{ signatures: [], trace: answered('Node src is in use') }]).row()?.outcome).toBe(
    'does-not-show',
  );
});

test('an arena that can not be made lacks something, and a machine that fails says nothing', () => {
  const reason = 'the arena was refused: no drives';
  const never = traceOf(sequenceOf(mirrorStep), { kind: 'phase', phase: 'set-up' });
  expect(rated([{ signatures: [], trace: never, reason }]).row()).toMatchObject({
    outcome: 'lacks',
    how: reason,
  });
  const troubled = rated(times(5, { signatures: [], trace: [], reason: 'out of memory', trouble: {} }));
  expect(troubled.row()).toBeUndefined();
  expect(troubled.missing()).toBe(0);
  expect(troubled.undecided()).toBe('out of memory');
});
