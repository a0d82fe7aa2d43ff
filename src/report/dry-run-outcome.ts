import type { DrawnValues } from '../campaign/feedback/drawn-values.ts';
import type { ProgramPlan } from '../campaign/worker/worker-messages.ts';
import type { FeatureCount } from '../generate/features/features.ts';
import { counted } from './hunt-lines.ts';
import { qemuOutcome } from './qemu-outcome.ts';
import { terminalColumns, wrapped } from './wrapped.ts';

type DryRunOutcome = ReturnType<typeof dryRunOutcome>;

/** The contract's JSON object for sequences that were drawn and not run: nothing is judged, and no verdict is given. */
export function dryRunOutcome(
  { programs, seed }: { programs: readonly ProgramPlan[]; seed: string },
  { features, values }: { features: readonly FeatureCount[]; values: readonly DrawnValues[] },
  sequences: number,
  about: {
    tool: { name: string; version: string };
    options: Record<string, unknown>;
    startedAt: Date;
    elapsedMs: number;
  },
) {
  return {
    schema: 1,
    tool: about.tool,
    qemu: programs.map(({ target, flavour }) => qemuOutcome(target, flavour)),
    seed,
    options: about.options,
    startedAt: about.startedAt.toISOString(),
    elapsedMs: Math.round(about.elapsedMs),
    dryRun: true,
    sequences,
    commands: 0,
    features: features.map((each) => ({ ...each, share: Number((each.count / sequences).toFixed(5)) })),
    arguments: values,
    findings: [],
    verdict: 'unknown' as const,
  };
}

/** Feature x count and share, a line each, the groups apart; `lacks` where the QEMU has no such thing. */
export function featureTable({ sequences, features, seed, arguments: values }: DryRunOutcome): string {
  const width = Math.max(...features.map(({ feature }) => feature.length));
  const lines = features.flatMap(({ group, feature, count, lacks }, i) => [
    ...(group === features[i - 1]?.group ? [] : ['', group]),
    `  ${feature.padEnd(width)}  ${lacks ? 'lacks' : figures(count, sequences)}`,
  ]);
  return [
    `${counted(sequences, 'fresh sequence')} drawn and none run; seed ${seed}`,
    ...lines,
    '',
    'never drawn, of the values that arguments can have',
    ...values.flatMap(neverLines),
  ].join('\n');
}

const figures = (count: number, sequences: number): string =>
  `${String(count).padStart(String(sequences).length)}  ${((100 * count) / sequences).toFixed(2).padStart(6)} %`;

function neverLines({ command, times, never }: DrawnValues): string[] {
  if (times === 0) return [`  ${command}: not drawn at all`];
  return never.length === 0
    ? []
    : wrapped(`${command}: ${never.join(', ')}`, { width: terminalColumns, indent: 2 });
}
