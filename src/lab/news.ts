import { gunzipSync, gzipSync } from 'node:zlib';
import { z } from 'zod';
import type { Mask } from '../campaign/discoveries/mask.ts';
import { jobStatuses } from '../qemu/job-statuses.ts';
import { type Step, stepKind, stepSchemas } from '../sequence/step.ts';
import type { Connection } from './connection.ts';
import { keys } from './keys.ts';
import { limits } from './limits.ts';
import { packedSequence } from './packed.ts';

/**
 * What a coordinator passes on to all workers, in a stream that keeps the last few thousand: sequences that showed
 * something new, to be varied; signatures that need no further trace; the ways to known crashes, to be steered round.
 */
const text = z.string().max(limits.textLengthMax);
const count = z.number().int().nonnegative();
const version = z.string().regex(/^\d+(\.\d+){1,3}$/);

const step = z.custom<Step>((value) => {
  const kind = typeof value === 'object' && value !== null ? stepKind(value as never) : undefined;
  return kind !== undefined && stepSchemas[kind].safeParse(value).success;
});
const mask = z.object({
  signature: text,
  steps: z.array(step).max(1_000),
  features: z.array(text).max(limits.featuresMax),
  rate: z.number().min(0).max(1),
  atEnd: z.literal(true).exactOptional(),
  notOn: z.array(version).max(100).exactOptional(),
});

const newsSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('sequence'),
    version,
    sequence: packedSequence,
    features: z.array(text).max(limits.featuresMax),
    moments: z
      .array(z.object({ step: count, jobs: z.record(text, z.enum(jobStatuses)) }))
      .max(limits.momentsMax),
    elapsedMs: z.number().nonnegative(),
  }),
  z.object({ kind: z.literal('reported'), version, signatures: z.array(text).max(1_000) }),
  /** All of them, in place of those before. */
  z.object({ kind: z.literal('masks'), masks: z.array(mask).max(5_000) }),
]);
export type News = z.output<typeof newsSchema>;
export type WrittenNews = z.input<typeof newsSchema>;

export async function publish({ redis, prefix }: Connection, news: readonly WrittenNews[]): Promise<void> {
  if (news.length === 0) return;
  const pipeline = redis.pipeline();
  for (const each of news) {
    const packed = gzipSync(JSON.stringify(each), { level: 1 }).toString('base64');
    pipeline.xadd(keys(prefix).news, 'MAXLEN', '~', String(limits.newsMax), '*', 'n', packed);
  }
  await pipeline.exec();
}

/** What came after `since` (`0` for all that is kept). What can't be read is left out. */
export async function readNews(
  { redis, prefix }: Connection,
  since: string,
): Promise<{ news: News[]; since: string }> {
  const read = await redis.xread('COUNT', '200', 'STREAMS', keys(prefix).news, since);
  const entries = (read?.[0]?.[1] ?? []) as [id: string, fields: string[]][];
  const news = entries.flatMap(([, [, packed = '']]) => {
    const parsed = newsSchema.safeParse(unpacked(packed));
    return parsed.success ? [parsed.data] : [];
  });
  return { news, since: entries.at(-1)?.[0] ?? since };
}

function unpacked(packed: string): unknown {
  try {
    const maxOutputLength = limits.messageBytesMax;
    return JSON.parse(gunzipSync(Buffer.from(packed, 'base64'), { maxOutputLength }).toString());
  } catch {
    return undefined;
  }
}

export const writtenMask = (one: Mask): z.input<typeof mask> => ({ ...one, rate: Math.min(1, one.rate) });
