import { z } from 'zod';
import { UsageError } from '../../errors.ts';
import type { Json } from '../../sequence/step.ts';

const count = z.number().min(0);

const diffSchema = z.looseObject({
  schema: z.literal(1),
  tool: z.looseObject({ name: z.string(), version: z.string() }),
  startedAt: z.string().optional(),
  elapsedMs: count.default(0),
  interrupted: z.boolean().default(false),
  qemu: z.array(z.looseObject({ name: z.string() })).default([]),
  seed: z.string().optional(),
  sequences: z.looseObject({
    compared: count,
    skipped: count.default(0),
    undecided: count.default(0),
    notReached: count.default(0),
  }),
  runs: count.default(0),
  verdict: z.enum(['different', 'alike', 'unknown']),
  groups: z.array(
    z.looseObject({
      what: z.string(),
      subject: z.string(),
      versions: z.array(z.string()),
      values: z.array(z.string()),
      sequences: count,
      smallest: z.looseObject({
        name: z.string(),
        step: z.union([count, z.null()]).default(null),
        traces: z.array(z.string()).optional(),
      }),
    }),
  ),
  folded: z.array(z.looseObject({ rule: z.string(), statement: z.string() })).default([]),
});
/** The JSON of `diff`, as far as the page shows it. */
export type Diff = z.infer<typeof diffSchema>;

/** Throws UsageError naming file and field where it is not what `diff --json` writes. */
export function parseDiff(value: Json, file: string): Diff {
  const parsed = diffSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UsageError(
    `${file}: ${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'no diff'}`,
    'give the --json of diff',
  );
}
