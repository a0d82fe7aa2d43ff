import { z } from 'zod';
import { UsageError } from '../../errors.ts';
import { impacts } from '../../findings/impact.ts';
import { reaches } from '../../findings/reach.ts';
import type { Fact } from '../../judge/facts/fact.ts';
import type { Json } from '../../sequence/step.ts';

const count = z.number().min(0);

const counts = z.record(z.string(), count);

const foundSchema = z.looseObject({
  id: z.string(),
  title: z.string(),
  rule: z.string(),
  kind: z.string(),
  steps: count.default(0),
  reproduced: z.object({ ok: count, of: count }).default({ ok: 0, of: 0 }),
  qemu: z.array(z.string()).default([]),
  path: z.string().default(''),
  known: z.boolean().default(false),
  count: count.optional(),
  impact: z.enum(impacts).optional(),
  reach: z.enum(reaches).optional(),
  facts: z.custom<Fact>((value) => typeof value === 'object').optional(),
});
/** What a result's JSON says of a finding. */
export type Found = z.infer<typeof foundSchema>;

const byCommand = z.array(
  z.looseObject({
    command: z.string(),
    never: z.looseObject({ outcomes: z.array(z.string()), values: z.array(z.string()) }),
  }),
);

const undecidedReasons = z.array(z.looseObject({ reason: z.string(), count }));

const ruleLines = z.array(
  z.looseObject({
    rule: z.string(),
    held: count.default(0),
    broken: count.default(0),
    undecided: z.union([count, z.record(z.string(), count), undecidedReasons]).default(0),
    reasons: counts.optional(),
  }),
);

const resultSchema = z.looseObject({
  schema: z.literal(1),
  tool: z.looseObject({ name: z.string(), version: z.string() }),
  qemu: z.array(z.looseObject({ label: z.string(), version: z.string(), flavour: z.string() })).default([]),
  seed: z.union([z.string(), z.number(), z.null()]).optional(),
  startedAt: z.string().optional(),
  elapsedMs: count.default(0),
  sequences: count.default(0),
  commands: count.default(0),
  guestWrites: count.default(0),
  faultsInjected: count.default(0),
  restarts: count.default(0),
  coverage: z
    .looseObject({
      triples: counts.optional(),
      transitions: counts.optional(),
      values: counts.optional(),
      byCommand: byCommand.optional(),
      byVersion: z
        .array(
          z.looseObject({
            version: z.string(),
            triples: counts,
            transitions: counts,
            values: counts.optional(),
            byCommand: byCommand.optional(),
            rules: ruleLines.optional(),
          }),
        )
        .optional(),
    })
    .optional(),
  history: z.array(z.object({ atMs: count, sequences: count, features: count, findings: count })).optional(),
  machine: z.looseObject({ cpus: count, model: z.string(), memoryMiB: count, system: z.string() }).optional(),
  findings: z.array(foundSchema),
  verdict: z.enum(['pass', 'fail', 'unknown']),
  why: z.union([z.string(), z.null()]).optional(),
  decided: z.looseObject({ sequences: count, undecided: undecidedReasons.default([]) }).optional(),
  rules: ruleLines.optional(),
  warnings: z.array(z.string()).default([]),
  without: z.array(z.looseObject({ thing: z.string(), reason: z.string() })).default([]),
  workersLost: z.array(z.unknown()).default([]),
  interrupted: z.boolean().default(false),
  notReached: counts.optional(),
  confinement: z.looseObject({ text: z.string() }).optional(),
  candidate: z.string().optional(),
  baseline: z.union([z.string(), z.null()]).optional(),
  items: z
    .array(
      z.looseObject({
        name: z.string(),
        verdict: z.string(),
        ok: count.default(0),
        of: count.default(0),
        reason: z.union([z.string(), z.null()]).default(''),
        qemu: z.string().default(''),
        title: z.string().default(''),
        runs: z.array(z.looseObject({ on: z.string(), trace: z.string() })).optional(),
      }),
    )
    .optional(),
});
/** The JSON of `hunt`, `run`, `replay`, `scenario` or `gate`, as far as the page shows it. */
export type Result = z.infer<typeof resultSchema>;
/** Of all versions or of one. */
export type ExercisedCounts = Pick<
  NonNullable<Result['coverage']>,
  'triples' | 'transitions' | 'values' | 'byCommand'
>;

/** Throws UsageError naming file and field where it is no result. */
export function parseResult(value: Json, file: string): Result {
  const parsed = resultSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UsageError(
    `${file}: ${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'no result'}`,
    'give the --json of hunt, run, replay, scenario, gate or diff, a findings store, a finding, or a trace',
  );
}
