import { z } from 'zod';
import { limits } from './limits.ts';

/**
 * What the machines of a lab say to each other besides shards and results: each is checked as it comes in, since whoever
 * can write to Redis can write anything. Text is shown by `printable.ts` only; nothing here is a path that is opened.
 */

const text = z.string().max(limits.textLengthMax);
const count = z.number().int().nonnegative();
/** 16 digits of a hash. */
export const programKey = z.string().regex(/^[0-9a-f]{16}$/);

/** A QEMU in one flavour that a machine offers. `key`: the same on two machines where the programs are the same bytes. */
export const offerSchema = z.object({
  key: programKey,
  label: text,
  version: z.string().regex(/^\d+(\.\d+){1,3}$/),
  path: text,
  flavour: z.enum(['system', 'daemon']),
  storage: z.array(z.enum(['file', 'block', 'nbd', 'iscsi', 'nfs'])).max(16),
  without: z.array(text).max(200),
});
export type Offer = z.infer<typeof offerSchema>;

/** What a worker says every few seconds. */
export const workerSchema = z.object({
  id: z.string().regex(/^[0-9a-f]{16}$/),
  host: text,
  pid: count,
  tool: z.object({ name: text, version: text, protocol: count }),
  /** How its QEMUs are confined, in the words of `doctor`. */
  confinement: text,
  offers: z.array(offerSchema).max(64),
  /** What each lane is doing: `hunting integrity on 7.2.22`, `shrinking 1f3a…`; and since how long. */
  lanes: z.array(z.object({ doing: text, forMs: z.number().nonnegative() })).max(1_024),
  shards: count,
  tasks: count,
  sequences: count,
  startedAt: text,
});
export type WorkerSaid = z.infer<typeof workerSchema>;

/** What a lab works for; written once by its coordinator, and read by every worker before its first shard. */
export const campaignSchema = z.object({
  id: z.string().regex(/^[0-9a-f]{16}$/),
  kind: z.enum(['hunt', 'gate', 'prune']),
  tool: z.object({ name: text, version: text, protocol: count }),
  /** Of a gate: what is compared with what, by flavour. Who lacks one of the two takes nothing of it. */
  sides: z
    .array(z.object({ candidate: programKey, baseline: programKey.optional() }))
    .max(2)
    .optional(),
  seed: z.string().regex(/^\d{1,20}$/),
  properties: z.array(z.object({ name: text, digest: text })).max(1_000),
  /** Of a gate: who lacks one of them takes nothing of it. */
  storage: z.array(z.enum(['file', 'block', 'nbd', 'iscsi', 'nfs'])).optional(),
  shrink: z.boolean(),
  mask: z.boolean(),
  feedback: z.boolean(),
  /** Another number: Redis has lost what was in it, and was filled anew. Workers begin anew, too. */
  epoch: count,
  budget: z.object({ timeMs: z.number().positive().optional(), sequences: count.optional() }),
  startedAt: text,
  host: text,
});
export type Campaign = z.infer<typeof campaignSchema>;

/** How far a gate or a prune is: its own words, renewed while it goes on. */
export const askedSchema = z.object({
  campaign: z.string().regex(/^[0-9a-f]{16}$/),
  /** The part that goes on: `known findings`. */
  doing: text,
  done: count,
  of: count,
  /** What came of it so far: `1 fail, 3 pass`. */
  words: text,
  elapsedMs: z.number().nonnegative(),
});
export type Asked = z.infer<typeof askedSchema>;

const findingSchema = z.object({
  id: text,
  title: text,
  kind: text,
  impact: text,
  reach: text,
  known: z.boolean(),
  qemu: z.array(text).max(256),
  /** Milliseconds into the campaign. */
  firstSeenMs: z.number().nonnegative(),
  count,
  steps: count,
  reproduced: z.object({ ok: count, of: count }),
  /** How far it is: recorded, waiting to be shrunk, being shrunk, minimal. */
  shrunk: z.enum(['no', 'queued', 'running', 'done', 'unfinished', 'joined']),
});

/** The coordinator's figures. */
export const progressSchema = z.object({
  campaign: z.string().regex(/^[0-9a-f]{16}$/),
  state: z.enum(['waiting for workers', 'hunting', 'shrinking', 'over']),
  elapsedMs: z.number().nonnegative(),
  shards: z.object({ done: count, out: count, again: count }),
  tasks: z.object({ done: count, out: count }),
  sequences: count,
  commands: count,
  undecided: count,
  features: count,
  interesting: count,
  /** Sums until each moment; the rate is their difference. At most a few hundred, evenly thinned out. */
  history: z
    .array(z.object({ atMs: z.number(), sequences: count, features: count, findings: count }))
    .max(2 * limits.historyPointsMax),
  programs: z
    .array(
      z.object({
        key: programKey,
        label: text,
        version: text,
        flavour: z.enum(['system', 'daemon']),
        sequences: count,
        /** `status command outcome` to how often: what of the job machine was met on this version. */
        triples: z.record(z.string(), count),
      }),
    )
    .max(256),
  findings: z.array(findingSchema).max(5_000),
});
export type Progress = z.infer<typeof progressSchema>;
