import { join } from 'node:path';
import { keptSchema } from '../../src/execute/sessions/schema-store.ts';
import type { QmpSchema } from '../../src/qmp/schema.ts';
import type { Trace } from '../../src/trace/observation.ts';
import { readTrace } from '../../src/trace/stored-trace.ts';

export const fixtures = join(import.meta.dirname, 'fixtures');

/** A real run of 7.2's storage daemon: refusals and raw bytes, then a mirror and a backup. */
export const recordedFile = join(fixtures, 'mirror-among-refusals.trace.jsonl.gz');
export const recorded = (): Trace => readTrace(recordedFile);

/** What 7.2's storage daemon says it understands. */
export const daemonSchema: QmpSchema = schemaOf(recorded());

function schemaOf([opened]: Trace): QmpSchema {
  const hash = opened?.kind === 'opened' ? opened.qemu.schema : undefined;
  const kept = keptSchema(hash ?? '', [join(fixtures, 'schemas')]);
  if (!kept) throw new Error(`no schema ${hash} among the fixtures`);
  return kept.schema;
}
