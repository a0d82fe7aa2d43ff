import { z } from 'zod';
import { ablationSchema } from '../findings/ablated.ts';
import { affectedSchema, reproducedSchema } from '../findings/affected.ts';
import { stacks } from '../findings/stacks/stack.ts';
import { whyUndecided } from '../judge/why-undecided.ts';
import { jobStatuses } from '../qemu/job-statuses.ts';
import { limits } from './limits.ts';
import { programKey } from './messages.ts';
import { packedSequence, packedTrace } from './packed.ts';
import { triedSchema } from './tried.ts';
import { violationSchema } from './violation.ts';

/** What workers send back, checked as strictly as files are: whoever can write to Redis may have written it. */

const text = z.string().max(limits.textLengthMax);
const count = z.number().int().nonnegative();
const counts = z
  .record(text, count)
  .refine((all) => Object.keys(all).length <= limits.namesMax, 'too many names');
const why = z.enum(Object.keys(whyUndecided) as [keyof typeof whyUndecided]);

const sumSchema = z.object({
  sequences: count.max(limits.shardSequencesMax),
  commands: count,
  guestWrites: count,
  faultsInjected: count,
  masked: count,
  undecided: counts,
  coverage: z.object({
    triples: counts,
    events: counts,
    transitions: counts,
    values: counts,
    commands: count,
    accepted: count,
    sequences: count,
    vacuous: count,
  }),
  traces: count,
  inFull: count,
  rules: z.record(text, z.object({ held: count, broken: count, reasons: z.partialRecord(why, count) })),
});

/** A sequence that showed something. `trace` comes with what a worker shows for the first time. */
const shownSchema = z.object({
  index: count,
  sequence: packedSequence,
  features: z.array(text).max(limits.featuresMax),
  moments: z
    .array(z.object({ step: count, jobs: z.record(text, z.enum(jobStatuses)) }))
    .max(limits.momentsMax),
  violations: z
    .array(z.object({ signature: text, violation: violationSchema, trace: packedTrace.optional() }))
    .max(limits.violationsMax),
  elapsedMs: z.number().nonnegative(),
});

const of = {
  id: z.string().regex(/^[a-z]-[0-9a-f]{20}$/),
  campaign: z.string().regex(/^[0-9a-f]{16}$/),
  worker: z.string().regex(/^[0-9a-f]{16}$/),
  program: programKey,
  elapsedMs: z.number().nonnegative(),
};

const huntResult = z.object({
  kind: z.literal('hunt'),
  ...of,
  sum: sumSchema,
  shown: z.array(shownSchema).max(limits.shardSequencesMax),
  /** Processes that died, and what they were running. */
  lost: z.array(z.object({ how: text, sequence: packedSequence.optional() })).max(limits.shardSequencesMax),
});

const shrinkResult = z.object({
  kind: z.literal('shrink'),
  ...of,
  /** Where it could not be shrunk: why. */
  failed: text.optional(),
  ended: z
    .object({
      sequence: packedSequence,
      reproduced: reproducedSchema,
      executions: count,
      complete: z.boolean(),
      shown: z
        .object({
          trace: packedTrace,
          violation: violationSchema,
          beside: z.array(text).max(limits.violationsMax),
        })
        .optional(),
      stacks: stacks.optional(),
    })
    .optional(),
});

const rateResult = z.object({
  kind: z.literal('rate'),
  ...of,
  row: affectedSchema.optional(),
});

const ablateResult = z.object({
  kind: z.literal('ablate'),
  ...of,
  table: ablationSchema.optional(),
});

const gateResult = z.object({
  kind: z.literal('gate'),
  ...of,
  runs: z.array(triedSchema).min(1).max(2),
});

/** Of each sequence of the job, in order: what it reached, and whether it was run to its end. */
const pruneResult = z.object({
  kind: z.literal('prune'),
  ...of,
  reached: z
    .array(z.object({ features: z.array(text).max(limits.featuresMax), isDecided: z.boolean() }))
    .max(limits.pruneSequencesMax),
});

export const resultSchema = z.discriminatedUnion('kind', [
  huntResult,
  shrinkResult,
  rateResult,
  ablateResult,
  gateResult,
  pruneResult,
]);
/** As a coordinator has it, read. */
export type Result = z.output<typeof resultSchema>;
export type WrittenResult = z.input<typeof resultSchema>;
export type GateResult = Extract<Result, { kind: 'gate' }>;
export type HuntResult = Extract<Result, { kind: 'hunt' }>;
export type ShrinkResult = Extract<Result, { kind: 'shrink' }>;
export type Shown = HuntResult['shown'][number];
