import { createHash } from 'node:crypto';
import { z } from 'zod';
import { limits } from './limits.ts';
import { programKey } from './messages.ts';
import { packedSequence, packedTrace } from './packed.ts';

/** What a coordinator asks of workers. Each job has an id made of its content, so that one that is done twice is one job. */

const text = z.string().max(limits.textLengthMax);
const jobId = z.string().regex(/^[a-z]-[0-9a-f]{20}$/);
const of = { id: jobId, campaign: z.string().regex(/^[0-9a-f]{16}$/), program: programKey };
const count = z.number().int().nonnegative();

/**
 * A shard: sequences `from`, `from + step`, … of one property on one program, `count` of them. The seed of each is
 * `seed` and its number, as in a hunt on one machine.
 */
const huntJob = z.object({
  kind: z.literal('hunt'),
  ...of,
  property: text,
  seed: text,
  from: count,
  step: z.number().int().positive(),
  count: z.number().int().positive().max(limits.shardSequencesMax),
});

const about = { finding: z.string().regex(/^[0-9a-f]{12}$/), signature: text, sequence: packedSequence };

const shrinkJob = z.object({
  kind: z.literal('shrink'),
  ...of,
  ...about,
  at: count.optional(),
  deadlineMs: z.number().positive(),
  attempt: count,
});

/** Runs a minimal sequence until a rate can rest on it: on its own QEMU to confirm it, on another to see whether it is there. */
const rateJob = z.object({
  kind: z.literal('rate'),
  ...of,
  ...about,
  trace: packedTrace,
  isHang: z.boolean(),
  deadlineMs: z.number().positive(),
});

/** Leaves out one thing of a finding at a time. */
const ablateJob = z.object({ ...rateJob.shape, kind: z.literal('ablate'), mustRefuse: z.boolean() });

/**
 * A run of a gate, or one on each of two programs of one machine, in that order: what a slow machine does to one it does to
 * the other. It waits in the queue of `program`, the candidate.
 */
const gateJob = z.object({
  kind: z.literal('gate'),
  ...of,
  sequence: packedSequence,
  runsOn: z.array(programKey).min(1).max(2),
  deadlineScale: z.number().min(0.01).max(1),
  isFresh: z.boolean(),
  /** The same run is asked for again and again: each is a job. */
  nth: count,
});

/** What sequences of a corpus reach, so that those that reach nothing of their own can be left out of it. */
const pruneJob = z.object({
  kind: z.literal('prune'),
  ...of,
  sequences: z.array(packedSequence).min(1).max(limits.pruneSequencesMax),
});

export const jobSchema = z.discriminatedUnion('kind', [
  huntJob,
  shrinkJob,
  rateJob,
  ablateJob,
  gateJob,
  pruneJob,
]);
/** As a worker has it, read. */
export type Job = z.output<typeof jobSchema>;
/** As it is written. */
export type WrittenJob = z.input<typeof jobSchema>;
export type HuntJob = Extract<Job, { kind: 'hunt' }>;
export type TaskJob = Exclude<Job, HuntJob>;

/** Of what makes a job what it is. BullMQ's ids have no colon, and are no numbers. */
export function withId<J extends Omit<WrittenJob, 'id'>>(job: J): J & { id: string } {
  const digest = createHash('sha256').update(JSON.stringify(job)).digest('hex').slice(0, 20);
  return { ...job, id: `${job.kind[0]}-${digest}` };
}

/** The lower, the sooner: someone waits for what is fresh, and for the rest nobody does. */
export const priorities = { gate: 1, shrink: 1, rate: 2, ablate: 3, prune: 4 } as const;
