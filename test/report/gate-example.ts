import type { ItemResult } from '../../src/gate/item.ts';
import { type GateOutcome, gateOutcome } from '../../src/report/gate-outcome.ts';
import { openGateTally } from '../../src/report/gate-tally.ts';
import type { QemuTarget } from '../../src/target/programs/binary.ts';
import { broken, defaultPolicy, finding, item, result } from '../gate/examples.ts';

const target = (version: string): QemuTarget => ({
  label: version,
  version,
  origin: 'path',
  path: `/opt/${version}`,
  daemon: { argv: [`/opt/${version}/qemu-storage-daemon`], env: {} },
});

const hostile = 'a"<b>&\u0007\u202e\ud800 ]]> % # | `x`\nsecond line: 100 %, all';

/** One item of each verdict, with hostile words. */
export function everyVerdict(): ItemResult[] {
  const failing = { verdict: 'fail', reason: hostile, candidate: { shown: 9, of: 9 } } as const;
  const baseline = { shown: 0, of: 9 };
  return [
    result({ name: 'scenario/passes' }),
    { ...result({ name: `scenario/${hostile}`, broken: broken() }), ...failing, baseline },
    { ...result({ name: 'scenario/again', broken: broken() }), ...failing },
    result({
      name: 'scenario/flaky',
      verdict: 'flaky',
      reason: 'shown again in 1/9',
      broken: broken('leak/leftover', 'bbbbbbbbbbbb'),
    }),
    result({ name: 'scenario/known', verdict: 'known', reason: 'it shows what is known' }),
    {
      ...result({ verdict: 'fixed', reason: 'it shows no more: 0/3' }),
      item: item({ name: 'finding/0123456789ab', phase: 'finding', finding: finding({}) }),
    },
    result({ name: 'scenario/skipped', verdict: 'skipped', reason: 'no nbd: none is here' }),
    result({ name: 'scenario/undecided', verdict: 'unknown', reason: 'the machine failed' }),
    {
      ...result({ broken: broken('crash/signal', 'cccccccccccc') }),
      ...failing,
      item: item({
        name: 'hunt/cccccccccccc',
        phase: 'hunt',
        finding: finding({ id: 'cccccccccccc' }),
        file: '/tmp/x/sequence.json',
      }),
    },
  ];
}

export function outcomeOf(
  results: readonly ItemResult[],
  { complete = true, interrupted = false, planned = results } = {},
): GateOutcome {
  const tally = openGateTally(() => 0);
  for (const each of results) tally.hear({ kind: 'ruled', result: each });
  const part = { items: planned.map((each) => each.item), leftOut: [], reckonedMs: 1 };
  const none = { items: [], leftOut: [], reckonedMs: 0 };
  return gateOutcome(
    tally.state(),
    {
      tool: { name: 'mirrorfuzz', version: '0.1.0' },
      options: {},
      sides: { candidate: target('11.1.3'), baseline: target('10.0.13') },
      specs: { candidate: "my build's", baseline: '10.0.13' },
      flavours: ['daemon'],
      division: { budgetMs: 60_000, sequences: part, findings: none, huntMs: 1, showingMs: 1 },
      policy: defaultPolicy,
      seed: '7',
      startedAt: new Date('2026-11-29T10:00:00.000Z'),
      keptIn: (id) => `gate-report/findings/${id}`,
    },
    { elapsedMs: 61_234, complete, interrupted },
  );
}
