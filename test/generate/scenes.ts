import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { keptSchema } from '../../src/execute/sessions/schema-store.ts';
import { after, type Binary, begin, type Situation } from '../../src/generate/situation.ts';
import type { Arena } from '../../src/sequence/arena.ts';
import { printSequence } from '../../src/sequence/print.ts';
import type { Sequence } from '../../src/sequence/sequence.ts';
import type { Step } from '../../src/sequence/step.ts';

const goldenSchemas = join(import.meta.dirname, '../golden/traces/schemas');

/** What 5.2 to 11.1 say they understand, in both flavours; the version is the generator's only other knowledge. */
export const binaries: readonly Binary[] = readdirSync(goldenSchemas).flatMap((file) => {
  const kept = keptSchema(file.replace(/\..*/, ''), [goldenSchemas]);
  if (!kept) return [];
  const { schema } = kept;
  const flavour = schema.commands.has('query-block') && schema.commands.has('migrate') ? 'system' : 'daemon';
  return [{ version: versionOf(schema.commands), flavour, schema }];
});

function versionOf(commands: ReadonlyMap<string, unknown>): string {
  if (commands.has('x-blockdev-reopen')) return '5.2.0';
  if (!commands.has('block-job-change')) return '7.2.22';
  return '10.0.13';
}

export const smallArena: Arena = {
  iothreads: ['io0'],
  disks: [
    { name: 'base', format: 'qcow2', sizeBytes: 1_048_576, fill: 'seeded' },
    { name: 'src', format: 'qcow2', sizeBytes: 1_048_576, fill: 'seeded', backing: 'base', frontend: 'nbd' },
    { name: 'dst', format: 'raw', sizeBytes: 1_048_576, layers: [{ throttle: {} }] },
  ],
};

/** A mirror is on its way, and a bitmap is there. */
export function busyScene(binary: Binary): Situation {
  const mirror: Step = {
    qmp: 'blockdev-mirror',
    args: { 'job-id': 'j0', device: { disk: 'src' }, target: { disk: 'dst' }, sync: 'full' },
  };
  const bitmap: Step = { qmp: 'block-dirty-bitmap-add', args: { node: 'base', name: 'bm0' } };
  return after(after(begin(binary, smallArena), mirror), bitmap);
}

/** The text of a sequence file with these steps. */
export function fileWith(steps: Step[]): string {
  const sequence: Sequence = { schema: 1, title: 'generated', arena: smallArena, steps };
  return printSequence(sequence);
}
