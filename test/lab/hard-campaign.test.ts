import { expect, test } from 'vitest';
import { type HardPlan, hardCampaign, onOneMachine } from './hard-campaign.ts';
import { lackOfRedis } from './redis-server.ts';

// The long form: scripts/lab-campaign.ts.
test.skipIf(lackOfRedis)(
  `workers are killed and stopped, Redis is killed and once emptied: all is run and found once, as on one machine${lackOfRedis ? ` (skipped: ${lackOfRedis})` : ''}`,
  async () => {
    const plan: HardPlan = {
      ...{ seed: '3', shards: 32, shardSequences: 8, msEach: 5, lockMs: 500, lifeMs: 1_500 },
      ...{ crashEvery: 100, defects: 3 },
    };
    const [local, lab] = [await onOneMachine(plan), await hardCampaign(plan)];
    expect(lab.sequences).toBe(local.ran.length);
    expect(lab.ran).toEqual(local.ran);
    expect(lab.findings).toEqual(local.findings);
    expect(lab.executions.every((times) => times > 1)).toBe(true); // each was shrunk
    expect(lab.undecided).toEqual({});
    expect(lab.hardships).toEqual({ killed: expect.any(Number), stopped: expect.any(Number) });
    expect(lab.warnings).toContain('Redis has lost what was in it: all that was out is given out again');
  },
  180_000,
);
