import { z } from 'zod';

/** The contract's JSON; more members are free to come. */
export const resultSchema = z.looseObject({
  schema: z.literal(1),
  tool: z.object({ name: z.literal('mirrorfuzz'), version: z.string() }),
  qemu: z.array(
    z.object({
      label: z.string(),
      version: z.string(),
      path: z.string(),
      flavour: z.enum(['system', 'daemon']),
    }),
  ),
  seed: z.string().nullable(),
  options: z.record(z.string(), z.unknown()),
  startedAt: z.iso.datetime(),
  elapsedMs: z.int().min(0),
  sequences: z.int().min(0),
  commands: z.int().min(0),
  guestWrites: z.int().min(0),
  faultsInjected: z.int().min(0),
  restarts: z.int().min(0),
  coverage: z.record(z.string(), z.unknown()),
  findings: z.array(
    z.object({
      id: z.string().min(1),
      kind: z.enum(['crash', 'hang', 'protocol', 'state', 'integrity', 'leak', 'validation']),
      rule: z.string().min(1),
      signature: z.string().min(1),
      title: z.string().min(1),
      firstSeenMs: z.int().min(0),
      steps: z.int().min(0),
      reproduced: z.object({ ok: z.int(), of: z.int() }),
      qemu: z.array(z.string()).min(1),
      path: z.string(),
      known: z.boolean(),
      facts: z.looseObject({ shape: z.string() }),
    }),
  ),
  verdict: z.enum(['pass', 'fail', 'unknown']),
  confinement: z.looseObject({ kind: z.enum(['bubblewrap', 'namespaces', 'none']), text: z.string().min(1) }),
});

/** What `scenario` and `gate` add. */
export const scenarioResultSchema = resultSchema.extend({
  items: z.array(
    z.object({
      name: z.string().min(1),
      verdict: z.enum(['pass', 'fail', 'flaky', 'known', 'skipped', 'unknown']),
      ok: z.int().min(0),
      of: z.int().min(0),
      reason: z.string(),
      qemu: z.string(),
      flavour: z.enum(['system', 'daemon']),
      storage: z.enum(['file', 'block', 'nbd', 'iscsi', 'nfs']).nullable(),
    }),
  ),
});
