import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { keptSchema } from '../../src/execute/sessions/schema-store.ts';
import type { QmpSchema } from '../../src/qmp/schema.ts';
import type { Flavour, Trace } from '../../src/trace/observation.ts';

/** The sessions that one program was recorded in; scripts/record-golden.ts makes them. */
export type Recorded = { program: string; schema: QmpSchema | undefined; traces: readonly Trace[] };

/** Every recorded session of real QEMUs: no rule may find anything in them. */
export function goldenTraces(): Recorded[] {
  return readdirSync(dir)
    .filter((name) => name.endsWith('.jsonl.gz'))
    .map((name) => {
      const lines = gunzipSync(readFileSync(join(dir, name)))
        .toString()
        .trimEnd()
        .split('\n');
      const traces = lines.map((line): Trace => JSON.parse(line));
      return { program: name.replace('.jsonl.gz', ''), schema: schemaOf(traces[0]), traces };
    });
}

/** Each program's schema, as it was when its sessions were recorded. */
export function recordedSchemas(): Program[] {
  return goldenTraces().flatMap(({ program, schema, traces }) => {
    const opened = traces[0]?.[0];
    return schema && opened?.kind === 'opened' ? [{ program, ...opened.qemu, schema }] : [];
  });
}

type Program = { program: string; version: string; flavour: Flavour; schema: QmpSchema };

const dir = join(import.meta.dirname, 'traces');

function schemaOf(trace: Trace | undefined): QmpSchema | undefined {
  const opened = trace?.[0];
  const hash = opened?.kind === 'opened' ? opened.qemu.schema : undefined;
  return keptSchema(hash ?? '', [join(dir, 'schemas')])?.schema;
}

/** How a step of a golden trace reads in a test's name. */
export function titleOf([opened]: Trace): string {
  return opened?.kind === 'opened' ? opened.sequence.title : 'untitled';
}
