import { policyOf } from '../../gate/policy.ts';
import { type GateOutcome, gateOutcome } from '../../report/gate-outcome.ts';
import { openGateTally } from '../../report/gate-tally.ts';
import { tool } from '../options.ts';

/**
 * What is reported before there is a plan: QEMUs and storage are being tried then, which takes seconds. Whoever ends the
 * gate so early leaves `unknown`, and never the report of an earlier gate.
 */
export function begunOutcome(
  { candidate, baseline }: { candidate: string; baseline: string | undefined },
  startedAt: Date,
): GateOutcome {
  const named = (spec: string) => ({ label: spec, version: '', origin: 'path' as const, path: spec });
  const none = { items: [], leftOut: [], reckonedMs: 0 };
  return gateOutcome(
    openGateTally(() => 0).state(),
    {
      tool,
      options: { candidate, baseline: baseline ?? null },
      sides: {
        candidate: named(candidate),
        ...(baseline === undefined ? {} : { baseline: named(baseline) }),
      },
      specs: { candidate, ...(baseline === undefined ? {} : { baseline }) },
      flavours: [],
      division: { budgetMs: 0, sequences: none, findings: none, huntMs: 0, showingMs: 0 },
      policy: policyOf({}),
      seed: '',
      startedAt,
      keptIn: (id) => id,
    },
    { elapsedMs: 0, complete: false, interrupted: true },
  );
}
