import { z } from 'zod';

/**
 * What a running hunt says of itself, in `.live/` of its findings store, about every two seconds: for `mirrorfuzz serve`,
 * which may be of another version and on another machine, so it is checked as it is read. Times are milliseconds since
 * the hunt began.
 */
const text = z.string().max(4096);
const count = z.number().int().nonnegative();
const ms = z.number().nonnegative();

/** Sums until that moment; a rate is the difference of two. */
export const historyPoint = z.object({ atMs: ms, sequences: count, features: count, findings: count });
export type HistoryPoint = z.infer<typeof historyPoint>;

export const huntStatusSchema = z.object({
  schema: z.literal(1),
  tool: z.object({ name: text, version: text }),
  host: text,
  pid: count,
  startedAt: z.iso.datetime(),
  writtenAt: z.iso.datetime(),
  state: z.enum(['hunting', 'ended']),
  seed: text,
  elapsedMs: ms,
  budget: z.object({ timeMs: ms.optional(), sequences: count.optional() }),
  sequences: count,
  commands: count,
  /** Sequences without a verdict, those that wait for a second look too. */
  undecided: count,
  features: count,
  /** When something new was last seen. */
  lastNewMs: ms,
  findings: z.object({ fresh: count, known: count, toShrink: count }),
  restarts: count,
  /** The newest last. */
  workersLost: z.array(z.object({ atMs: ms, how: text, doing: text })).max(100),
  lost: count,
  warnings: z.array(text).max(100),
  history: z.array(historyPoint).max(1000),
  /** `forMs`: since it began that. `sequences`: run by whoever had this place. */
  workers: z.array(z.object({ doing: text, forMs: ms, sequences: count })).max(4096),
  programs: z
    .array(
      z.object({
        label: text,
        version: text,
        flavour: z.enum(['system', 'daemon']),
        sequences: count,
        undecided: count,
        /** That were new on it. */
        features: count,
        /** `status command outcome`: how often it was seen. */
        triples: z.record(z.string(), count),
      }),
    )
    .max(256),
});
export type HuntStatus = z.infer<typeof huntStatusSchema>;
