import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { storedFinding } from '../../src/findings/stored.ts';
import { openKnown } from '../../src/gate/known.ts';
import type { Look } from '../../src/gate/lane.ts';
import { type FindingItem, ruleOnFinding } from '../../src/gate/rule-on-finding.ts';
import { crashFound, traceOf } from '../findings/found.ts';
import { item } from './examples.ts';
import { ruling } from './scripted.ts';

/** It crashes every QEMU from 7.2 on, in a fresh session; 5.2 has no blockdev-reopen. */
const dir = fileURLToPath(new URL('../../findings/ced3f271ab5d', import.meta.url));
const stored = storedFinding(dir);
const sequence = stored.sequence();
const { finding } = stored;
const known = openKnown([finding]);
const mine: FindingItem = {
  ...item({ name: `finding/${finding.id}`, phase: 'finding', file: `${dir}/sequence.json`, sequence }),
  finding,
};

const passes: Look = {
  is: 'decided',
  reason: '',
  tried: { signatures: [], violations: [], verdicts: [], trace: traceOf(sequence) },
};
const shows: Look = {
  ...passes,
  tried: {
    ...passes.tried,
    trace: stored.trace(),
    signatures: [finding.signature],
    violations: [crashFound({}).violation],
  },
};
const lacks: Look = {
  ...passes,
  tried: {
    ...passes.tried,
    trace: traceOf(
      sequence,
      { kind: 'phase', phase: 'steps' },
      { kind: 'command', id: 1, name: 'blockdev-reopen', args: {} },
      {
        kind: 'reply',
        id: 1,
        error: { class: 'CommandNotFound', desc: 'The command blockdev-reopen has not been found' },
      },
    ),
  },
};

test('what always shows and shows on both is known by one pair', async () => {
  const { on, asked } = ruling({ candidate: [shows], baseline: [shows] }, { known });
  expect((await ruleOnFinding(mine, on)).verdict).toBe('known');
  expect(asked).toEqual({ candidate: 1, baseline: 1 });
});

test('a baseline that lacks what it takes says nothing: a known finding is no worse for that', async () => {
  const { on } = ruling({ candidate: [shows], baseline: [lacks] }, { known });
  expect((await ruleOnFinding(mine, on)).verdict).toBe('known');
});

test('a finding that time was too short for is undecided, with what was seen of it', async () => {
  const { on } = ruling({ candidate: [passes], baseline: [passes] }, { known, outOfTime: () => 'no time' });
  expect(await ruleOnFinding(mine, on)).toMatchObject({ verdict: 'unknown', reason: 'no time' });
});

test('a stored finding that neither QEMU shows is not fixed: skipped, after runs in fresh sessions', async () => {
  const { on, fresh } = ruling({ candidate: [passes], baseline: [passes] }, { known });
  expect(await ruleOnFinding(mine, on)).toMatchObject({
    verdict: 'skipped',
    reason: expect.stringMatching(/^does not show on either: 0\/3, 0\/3 on the baseline, .*fresh session$/),
  });
  expect(new Set(fresh)).toEqual(new Set([true]));
});
