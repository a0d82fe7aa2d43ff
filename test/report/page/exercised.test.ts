import { expect, test } from 'vitest';
import { argumentTable } from '../../../src/report/page/argument-table.ts';
import { pageOf } from '../../../src/report/page/page.ts';
import { parseResult } from '../../../src/report/page/result-file.ts';
import { transitionGrid } from '../../../src/report/page/transition-grid.ts';

test('a way that QEMU has and nothing took is zero, one that it has not is shown only where it was seen', () => {
  const { from, to, cells } = transitionGrid({ 'running paused': 7, 'ready running': 1 });
  const cell = (before: string, after: string) => cells[from.indexOf(before)]?.[to.indexOf(after)];
  expect(cell('running', 'paused')).toEqual({ times: 7, isAllowed: true });
  expect(cell('paused', 'running')).toEqual({ times: 0, isAllowed: true });
  expect(cell('paused', 'ready')).toBeNull();
  expect(cell('ready', 'running')).toEqual({ times: 1, isAllowed: false });
});

test('what arguments had stands by command, the most frequent first, accepted and refused apart', () => {
  expect(
    argumentTable({
      values: {
        'ok blockdev-mirror sync=full': 2,
        'refused blockdev-mirror sync=full': 3,
        'refused blockdev-mirror sync=no such value': 9,
        'refused blockdev-mirror speed=below 0': 1,
        'ok job-pause id=text': 1,
      },
    }),
  ).toEqual([
    {
      ...{ command: 'blockdev-mirror', outcomes: [] },
      values: [
        { argument: 'speed', kind: 'below 0', accepted: 0, refused: 1 },
        { argument: 'sync', kind: 'no such value', accepted: 0, refused: 9 },
        { argument: 'sync', kind: 'full', accepted: 2, refused: 3 },
      ],
    },
    {
      ...{ command: 'job-pause', outcomes: [] },
      values: [{ argument: 'id', kind: 'text', accepted: 1, refused: 0 }],
    },
  ]);
});

test('how commands were answered is summed over the statuses, and what never came stands by argument', () => {
  const [cancel, finalize] = argumentTable({
    triples: {
      'none job-cancel DeviceNotActive': 9,
      'running job-cancel ok': 2,
      'paused+running job-cancel ok': 1,
    },
    values: { 'ok job-cancel id=text': 3 },
    byCommand: [
      { command: 'job-finalize', never: { outcomes: ['ok'], values: ['id=text'] } },
      {
        command: 'job-cancel',
        never: { outcomes: ['GenericError'], values: ['id=empty text', 'force=true', 'id=a=b\n'] },
      },
    ],
  });
  expect(cancel).toEqual({
    command: 'job-cancel',
    outcomes: [
      { outcome: 'ok', times: 3 },
      { outcome: 'DeviceNotActive', times: 9 },
    ],
    values: [{ argument: 'id', kind: 'text', accepted: 3, refused: 0 }],
    never: {
      outcomes: ['GenericError'],
      values: [
        { argument: 'id', kinds: ['empty text', 'a=b\\n'] },
        { argument: 'force', kinds: ['true'] },
      ],
    },
  });
  expect(finalize).toMatchObject({ outcomes: [], values: [], never: { outcomes: ['ok'] } });
});

test('what a JSON has by version the page has by version; of an older JSON only what it has', () => {
  const counts = { triples: { 'none query-jobs ok': 1 }, transitions: {} };
  const rules = [{ rule: 'crash/signal', held: 4, broken: 0, undecided: 2, reasons: { version: 2 } }];
  const never = { outcomes: ['GenericError'], values: [] };
  const byVersion = [
    { version: '7.2.22', ...counts, values: {}, byCommand: [{ command: 'query-jobs', never }], rules },
    { version: '11.1.3', ...counts },
  ];
  const result = parseResult(
    {
      ...{ schema: 1, tool: { name: 'mirrorfuzz', version: '0' }, findings: [], verdict: 'pass' },
      coverage: { ...counts, byVersion },
    },
    'hunt.json',
  );
  const { page } = pageOf({ is: 'result', result, file: 'hunt.json' }, 'findings');
  const [first, second] = page.byVersion ?? [];
  expect(first?.values).toEqual([
    {
      ...{ command: 'query-jobs', outcomes: [{ outcome: 'ok', times: 1 }], values: [] },
      never: { outcomes: ['GenericError'], values: [] },
    },
  ]);
  expect(first?.rules).toEqual([
    { rule: 'crash/signal', held: 4, broken: 0, undecided: 2, why: 'version (2)' },
  ]);
  expect(second).not.toHaveProperty('values');
  expect(second).not.toHaveProperty('rules');
});
