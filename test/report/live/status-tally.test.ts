import { expect, test } from 'vitest';
import type { CampaignEvent } from '../../../src/campaign/campaign-event.ts';
import { noCoverage } from '../../../src/campaign/feedback/coverage.ts';
import type { HuntPlan } from '../../../src/campaign/hunt-plan.ts';
import { openHuntTally } from '../../../src/report/hunt-tally.ts';
import { huntStatusSchema } from '../../../src/report/live/hunt-status.ts';
import { openStatusTally } from '../../../src/report/live/status-tally.ts';

test('it says of each version what was run and met there, and of each worker what it does since when', () => {
  let now = 0;
  const nowMs = (): number => now;
  const tally = openHuntTally(nowMs);
  const { hear, status } = openStatusTally(plan, { nowMs, startedAt: new Date(0), state: tally.state });
  const both = (event: CampaignEvent): void => {
    tally.hear(event);
    hear(event);
  };
  both({ kind: 'began', programs: plan.programs, seed: '1', findingsKnown: 0, seeds: 0 });
  now = 1000;
  both(ranOn(0, 0, 'running job-pause ok', ['a', 'b']));
  both(ranOn(1, 1, 'ready job-pause ok', ['c'], 'its storage failed'));
  now = 3000;
  both(ranOn(0, 0, 'running job-pause ok', []));
  const seen = huntStatusSchema.parse(JSON.parse(JSON.stringify(status('hunting'))));
  expect(seen).toMatchObject({ state: 'hunting', sequences: 3, undecided: 1, elapsedMs: 3000 });
  expect(seen.programs).toMatchObject([
    { version: '7.2.22', sequences: 2, undecided: 0, features: 2, triples: { 'running job-pause ok': 2 } },
    { version: '11.1.3', sequences: 1, undecided: 1, features: 1, triples: { 'ready job-pause ok': 1 } },
  ]);
  expect(seen.workers).toEqual([
    { doing: 'hunting lifecycle on 7.2.22', forMs: 2000, sequences: 2 },
    { doing: 'hunting lifecycle on 11.1.3', forMs: 2000, sequences: 1 },
  ]);
  expect(seen.history.at(-1)).toMatchObject({ atMs: 3000, sequences: 3 });
});

test('a worker that died is starting again, and how it died is listed', () => {
  const tally = openHuntTally(() => 5);
  const about = { nowMs: () => 5, startedAt: new Date(0), state: tally.state };
  const { hear, status } = openStatusTally(plan, about);
  const lost: CampaignEvent = {
    ...{ kind: 'worker-lost', worker: 1, how: 'SIGKILL', doing: 'running x', isRun: true, suspects: [] },
  };
  tally.hear(lost);
  hear(lost);
  expect(status('ended')).toMatchObject({
    ...{ state: 'ended', lost: 1, workersLost: [{ how: 'SIGKILL', doing: 'running x' }] },
    workers: [{ doing: 'starting' }, { doing: 'starting again' }],
  });
});

const plan = {
  programs: ['7.2.22', '11.1.3'].map((version) => ({
    target: { label: version, version },
    flavour: 'daemon',
  })),
  ...{ workers: 2, seed: '1', budget: { sequences: 9 }, tool: { name: 'mirrorfuzz', version: '0' } },
} as unknown as HuntPlan;

function ranOn(
  worker: number,
  program: number,
  triple: string,
  news: string[],
  reason?: string,
): CampaignEvent {
  return {
    ...{ kind: 'ran', worker, news, features: 3, interesting: 1 },
    ran: {
      ...{ kind: 'ran', index: 0, program, property: 'lifecycle', title: '', masked: 0, guestWrites: 0 },
      ...{ faultsInjected: 0, commands: 3, elapsedMs: 3, features: [], violations: [], moments: [] },
      ...{ verdicts: [], sessionsStarted: 1, uses: [] },
      coverage: { ...noCoverage(), triples: { [triple]: 1 } },
      ...(reason === undefined ? {} : { reason }),
    },
  };
}
