import { expect, test } from 'vitest';
import type { Discovery } from '../../src/campaign/discoveries/discovery.ts';
import { noCoverage } from '../../src/campaign/feedback/coverage.ts';
import type { Ran } from '../../src/campaign/worker/worker-messages.ts';
import type { Impact } from '../../src/findings/impact.ts';
import { rules } from '../../src/judge/judge.ts';
import { openHuntTally } from '../../src/report/hunt-tally.ts';
import { unclaimed } from '../findings/facts.ts';

const discovery = (id: string, rule: string, impact: Impact): Discovery => ({
  id,
  signature: `${rule}: x`,
  title: 'x',
  facts: unclaimed,
  impact,
  reach: 'valid-commands',
  rule: rules.find(({ name }) => name === rule) as Discovery['rule'],
  known: false,
  firstSeenMs: 0,
  count: 1,
  steps: 3,
  reproduced: { ok: 1, of: 1 },
  qemu: ['7.2.22'],
  path: id,
  shrunk: 'no',
});

test('findings stand most serious first, and one that is told by another is no longer told', () => {
  const { hear, state } = openHuntTally(() => 0);
  const [leak, told, crash] = [
    discovery('a', 'leak/leftover', 'leak'),
    discovery('b', 'state/failed-stays', 'wrong-answer'),
    discovery('c', 'crash/signal', 'crash'),
  ];
  for (const each of [leak, told, crash]) hear({ kind: 'found', discovery: each });
  expect(state().discoveries.map(({ id }) => id)).toEqual(['c', 'a', 'b']);
  told.shrunk = 'joined';
  expect(state().discoveries.map(({ id }) => id)).toEqual(['c', 'a']);
});

test('each version is counted apart, and how far the hunt was is kept', () => {
  let now = 0;
  const { hear, state } = openHuntTally(() => now);
  const target = (version: string) => ({ version, label: version, path: '', origin: 'path' as const });
  const programs = ['7.2.22', '11.1.3'].map((version) => ({
    target: target(version),
    flavour: 'system' as const,
  }));
  hear({ kind: 'began', programs, seed: '1', findingsKnown: 0, seeds: 0 });
  for (const program of [0, 1, 1]) {
    now += 3000;
    const coverage = { ...noCoverage(), transitions: { 'running paused': 1 } };
    const ran = { ...someRun, program, coverage };
    hear({ kind: 'ran', worker: 0, ran, news: [], features: 5, interesting: 1 });
  }
  expect(state().byVersion['11.1.3']?.transitions).toEqual({ 'running paused': 2 });
  expect(state().coverage.transitions).toEqual({ 'running paused': 3 });
  expect(state().history.map(({ atMs, sequences }) => [atMs, sequences])).toEqual([
    [3000, 1],
    [6000, 2],
    [9000, 3],
  ]);
});

const someRun: Ran = {
  ...{ kind: 'ran', index: 0, program: 0, property: 'a', title: 'a', coverage: noCoverage(), masked: 0 },
  ...{ guestWrites: 0, faultsInjected: 0, commands: 1, elapsedMs: 1, features: [], violations: [] },
  ...{ verdicts: [], moments: [], sessionsStarted: 1, uses: [] },
};
