import { expect, test } from 'vitest';
import { isOfCampaign } from '../../src/serve/watch.ts';
import { statusOf } from '../report/live/status-of.ts';
import { aCampaign } from './a-lab.ts';

const hunt = (but: object) => ({ key: 'h', status: statusOf({ seed: '7', workers: [], ...but }) });

test("a lab's hunt is shown once: as the campaign, not by the status file of its coordinator", () => {
  const status = aCampaign();
  expect(isOfCampaign(hunt({}), { status })).toBe(true);
  const { campaign: _, progress, ...rest } = status;
  const over = { ...rest, progress: { ...progress, state: 'over' } as never };
  expect(isOfCampaign(hunt({ sequences: progress?.sequences }), { status: over })).toBe(true);
});

test('a hunt beside it stays, whatever its seed is, and so does one without a queue', () => {
  const status = aCampaign();
  const worker = { doing: 'hunting', forMs: 0, sequences: 1 };
  expect(isOfCampaign(hunt({ workers: [worker] }), { status })).toBe(false);
  expect(isOfCampaign(hunt({ seed: '8' }), { status })).toBe(false);
  expect(isOfCampaign(hunt({}), {})).toBe(false);
});
