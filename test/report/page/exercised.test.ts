import { expect, test } from 'vitest';
import { argumentTable } from '../../../src/report/page/argument-table.ts';
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
      'ok blockdev-mirror sync=full': 2,
      'refused blockdev-mirror sync=full': 3,
      'refused blockdev-mirror sync=no such value': 9,
      'refused blockdev-mirror speed=below 0': 1,
      'ok job-pause id=text': 1,
    }),
  ).toEqual([
    {
      command: 'blockdev-mirror',
      values: [
        { argument: 'speed', kind: 'below 0', accepted: 0, refused: 1 },
        { argument: 'sync', kind: 'no such value', accepted: 0, refused: 9 },
        { argument: 'sync', kind: 'full', accepted: 2, refused: 3 },
      ],
    },
    { command: 'job-pause', values: [{ argument: 'id', kind: 'text', accepted: 1, refused: 0 }] },
  ]);
});
