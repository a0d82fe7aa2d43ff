import { expect, test } from 'vitest';
import type { Discovery } from '../../src/campaign/discoveries/discovery.ts';
import { huntOutcome } from '../../src/report/hunt-outcome.ts';
import { huntSummary } from '../../src/report/hunt-summary.ts';
import { openHuntTally } from '../../src/report/hunt-tally.ts';
import { unclaimed } from '../findings/facts.ts';
import { mirrorStep, ruleNamed, sequenceOf } from '../findings/found.ts';

test('a lost worker is in the summary and in the JSON, with what it was doing and where that is kept', () => {
  const tally = openHuntTally(() => 1234);
  const lost = { how: 'killed by SIGKILL', doing: 'while it ran "a mirror"', suspects: ['suspects/1.json'] };
  tally.hear({ kind: 'worker-lost', worker: 0, isRun: true, ...lost });
  expect(huntSummary(tally.state(), 1, false)).toContain(
    'a worker died: killed by SIGKILL, while it ran "a mirror"; kept: suspects/1.json',
  );
  expect(outcomeOf(tally)).toMatchObject({ workersLost: [{ atMs: 1234, ...lost }], sequences: 1 });
});

test('a finding that no directory could take is whole in the summary and in the JSON', () => {
  const tally = openHuntTally(() => 0);
  const sequence = sequenceOf(mirrorStep);
  const discovery = { ...found, path: '', unsaved: { reason: 'no room', sequence } };
  tally.hear({ kind: 'found', discovery });
  expect(huntSummary(tally.state(), 1, false)).toContain(JSON.stringify(sequence));
  expect(outcomeOf(tally)).toMatchObject({ verdict: 'fail', findings: [{ unsaved: { sequence } }] });
});

const found: Discovery = {
  ...{ id: '0123456789ab', signature: 'crash/signal: x', title: 'x', rule: ruleNamed('crash/signal') },
  ...{ known: false, firstSeenMs: 0, count: 1, steps: 1, reproduced: { ok: 1, of: 1 } },
  ...{ qemu: ['7.2.22'], path: 'findings/0123456789ab', shrunk: 'no', facts: unclaimed },
  ...{ impact: 'crash', reach: 'valid-commands' },
};

function outcomeOf(tally: ReturnType<typeof openHuntTally>) {
  const tool = { name: 'mirrorfuzz', version: '0' };
  const about = { tool, options: {}, startedAt: new Date(0), elapsedMs: 1, interrupted: false };
  return huntOutcome(tally.state(), about);
}
