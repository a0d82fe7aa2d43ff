import { expect, test } from 'vitest';
import { noCoverage } from '../../src/campaign/feedback/coverage.ts';
import type { Ran } from '../../src/campaign/worker/worker-messages.ts';
import { huntOutcome } from '../../src/report/hunt-outcome.ts';
import { huntSummary } from '../../src/report/hunt-summary.ts';
import { decidedIn, type HuntState, openHuntTally } from '../../src/report/hunt-tally.ts';

const ran = (about: Partial<Ran>): Ran => ({
  ...{ kind: 'ran', index: 0, program: 0, property: 'integrity', title: 'integrity 0', masked: 0 },
  ...{
    guestWrites: 0,
    faultsInjected: 0,
    commands: 1,
    elapsedMs: 1,
    features: [],
    violations: [],
    verdicts: [],
  },
  ...{ moments: [], uses: [], sessionsStarted: 1, coverage: noCoverage() },
  ...about,
});

function stateAfter(runs: readonly Partial<Ran>[], confirmed: readonly Partial<Ran>[] = []): HuntState {
  const { hear, state } = openHuntTally(() => 0);
  const around = { worker: 0, news: [], features: 0, interesting: 0 };
  for (const each of runs) hear({ kind: 'ran', ran: ran(each), ...around });
  for (const each of confirmed) hear({ kind: 'confirmed', ran: ran(each) });
  return state();
}

const outcome = (state: HuntState) =>
  huntOutcome(state, {
    ...{ tool: { name: 'mirrorfuzz', version: '0' }, options: {}, startedAt: new Date() },
    ...{ elapsedMs: 1000, interrupted: false },
  });

const decided = {};
const refused = { reason: 'the arena was refused' };

test('a hunt passes where four fifths of its sequences were decided, and not with fewer', () => {
  expect(outcome(stateAfter([decided, decided, decided, decided, refused]))).toMatchObject({
    verdict: 'pass',
    decided: { sequences: 4, undecided: [{ reason: 'the arena was refused', count: 1 }] },
  });
  const most = [decided, decided, decided, decided, decided, decided, decided];
  expect(outcome(stateAfter([...most, decided, refused, refused])).verdict).toBe('pass');
  expect(outcome(stateAfter([...most, refused, refused])).verdict).toBe('unknown');
  expect(outcome(stateAfter([refused])).verdict).toBe('unknown');
  expect(outcome(stateAfter([])).verdict).toBe('unknown');
});

test('one sequence that was not decided is never the reason why nothing passes', () => {
  expect(outcome(stateAfter([decided, refused])).verdict).toBe('pass');
  expect(outcome(stateAfter([decided, refused, refused])).verdict).toBe('unknown');
});

test('the summary says how many were decided, why others were not, and that they were too few', () => {
  const lines = huntSummary(stateAfter([decided, refused, refused]), 1000, false).join('\n');
  expect(lines).toMatch(/^1 of 3 sequences decided: too few for a pass, which takes 80 %$/m);
  expect(lines).toMatch(/^ {2}2 undecided: the arena was refused$/m);
});

test('what may hang is undecided until it was looked at again', () => {
  const { undecided } = decidedIn(stateAfter([decided, { suspect: true }]));
  expect(undecided).toEqual([{ reason: 'it may hang, and there was no time for a second look', count: 1 }]);
  expect(decidedIn(stateAfter([decided, { suspect: true }], [decided]))).toEqual({
    sequences: 2,
    undecided: [],
  });
});
