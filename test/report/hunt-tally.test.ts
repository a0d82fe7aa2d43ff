import { expect, test } from 'vitest';
import type { Discovery } from '../../src/campaign/discoveries/discovery.ts';
import { noCoverage } from '../../src/campaign/feedback/coverage.ts';
import { addRan, noRuns } from '../../src/campaign/feedback/runs-sum.ts';
import type { Ran } from '../../src/campaign/worker/worker-messages.ts';
import type { Impact } from '../../src/findings/impact.ts';
import { rules } from '../../src/judge/judge.ts';
import type { BriefVerdicts } from '../../src/judge/ledger.ts';
import { huntOutcome } from '../../src/report/hunt-outcome.ts';
import { huntSummary } from '../../src/report/hunt-summary.ts';
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
  const held: BriefVerdicts[number] = ['crash/signal', 1, 0];
  for (const program of [0, 1, 1]) {
    now += 3000;
    const coverage = { ...noCoverage(), transitions: { 'running paused': 1 } };
    const ran = { ...someRun, program, coverage, verdicts: [held] };
    hear({ kind: 'ran', worker: 0, ran, news: [], features: 5, interesting: 1 });
  }
  expect(state().byVersion['11.1.3']?.coverage.transitions).toEqual({ 'running paused': 2 });
  expect(state().coverage.transitions).toEqual({ 'running paused': 3 });
  const heldOn = (version: string) => state().byVersion[version]?.rules['crash/signal']?.held;
  expect([heldOn('7.2.22'), heldOn('11.1.3')]).toEqual([1, 2]);
  expect(state().history.map(({ atMs, sequences }) => [atMs, sequences])).toEqual([
    [3000, 1],
    [6000, 2],
    [9000, 3],
  ]);
  // A suspect counts where it ran, and its verdicts once it was looked at again.
  const suspect = { ...someRun, program: 0, verdicts: [held], suspect: true as const };
  hear({ kind: 'ran', worker: 0, ran: suspect, news: [], features: 5, interesting: 1 });
  expect(heldOn('7.2.22')).toBe(1);
  hear({ kind: 'confirmed', ran: suspect });
  expect([heldOn('7.2.22'), heldOn('11.1.3')]).toEqual([2, 2]);
});

const someRun: Ran = {
  ...{ kind: 'ran', index: 0, program: 0, property: 'a', title: 'a', coverage: noCoverage(), masked: 0 },
  ...{ guestWrites: 0, faultsInjected: 0, commands: 1, elapsedMs: 1, features: [], violations: [] },
  ...{ verdicts: [], moments: [], sessionsStarted: 1, uses: [] },
};

test('runs of other machines are counted with their version, and a lab is confined as its weakest machine', () => {
  const { hear, state } = openHuntTally(() => 5);
  // It is not on this machine: there is no program of it here.
  const target = { label: 'sid', version: '11.1.3', path: '/there/qemu', origin: 'fetched' as const };
  hear({ kind: 'began', programs: [{ target, flavour: 'system' }], seed: '1', findingsKnown: 0, seeds: 0 });
  for (const version of ['7.2.22', '11.1.3', '11.1.3']) {
    const sum = noRuns();
    addRan(sum, { ...someRun, coverage: { ...noCoverage(), transitions: { 'running paused': 1 } } });
    hear({ kind: 'runs', version, sum, news: 1, features: 5, edges: 2, interesting: 1 });
  }
  const machine = { id: '1', lanes: 2, qemu: ['sid system'], shards: 1, tasks: 0, sequences: 1 };
  const machines = [
    { ...machine, host: 'a', confinement: 'bubblewrap' },
    { ...machine, host: 'b', confinement: 'none' },
  ];
  hear({ kind: 'machines', machines });
  const about = {
    tool: { name: 'mirrorfuzz', version: '0' },
    options: {},
    startedAt: new Date(),
    elapsedMs: 1,
    interrupted: false,
  };
  expect(huntSummary(state(), 1, false).length).toBeGreaterThan(0);
  const outcome = huntOutcome(state(), about);
  expect(outcome.sequences).toBe(3);
  expect(outcome.coverage.edges).toBe(2);
  expect(outcome.coverage.byVersion).toMatchObject([
    { version: '7.2.22', transitions: { 'running paused': 1 } },
    { version: '11.1.3', transitions: { 'running paused': 2 } },
  ]);
  expect(outcome.history.at(-1)).toMatchObject({ sequences: 3 });
  expect(outcome.machines).toEqual(machines);
  expect(outcome.confinement).toMatchObject({ kind: 'none', text: expect.stringMatching(/^on b: .*NOT/) });
});
