import { expect, test } from 'vitest';
import type { Discovery } from '../../src/campaign/discoveries/discovery.ts';
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
