import { expect, test } from 'vitest';
import { coverageGrid } from '../../../src/report/page/coverage-grid.ts';

test('a job command stands under the status of its job, accepted and refused apart; what names no job stands below', () => {
  const grid = coverageGrid({
    'running job-pause ok': 7,
    'running job-pause GenericError': 2,
    'none job-pause GenericError': 1,
    'paused+running job-pause GenericError': 4,
    'none query-jobs ok': 5,
    'running query-jobs ok': 1,
  });
  const [pause] = grid.verbs;
  expect(grid.verbs).toHaveLength(1);
  expect(pause?.cells[grid.statuses.indexOf('running')]).toEqual({ accepted: 7, refused: 2 });
  expect(pause?.cells[grid.statuses.indexOf('none')]).toEqual({ accepted: 0, refused: 1 });
  expect(pause?.cells[grid.statuses.indexOf('ready')]).toBeNull();
  expect(grid.others).toEqual([
    { name: 'job-pause', accepted: 0, refused: 4 },
    { name: 'query-jobs', accepted: 6, refused: 0 },
  ]);
});
