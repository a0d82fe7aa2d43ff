import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { keptSchema } from '../../src/execute/sessions/schema-store.ts';
import type { Binary } from '../../src/generate/situation.ts';
import type { Trace } from '../../src/trace/observation.ts';

/** The binaries of the golden traces, as the generator knows them: no QEMU is needed. */
export const binaries: readonly Binary[] = readBinaries();

function readBinaries(): Binary[] {
  const dir = join(import.meta.dirname, '..', 'golden', 'traces');
  return readdirSync(dir)
    .filter((name) => name.endsWith('.jsonl.gz'))
    .map((name) => {
      const [first = '[]'] = gunzipSync(readFileSync(join(dir, name)))
        .toString()
        .split('\n', 1);
      const [opened] = JSON.parse(first) as Trace;
      if (opened?.kind !== 'opened') throw new Error(`${name} does not begin with its session`);
      const { version, flavour, schema: hash = '' } = opened.qemu;
      const kept = keptSchema(hash, [join(dir, 'schemas')]);
      if (!kept) throw new Error(`the schema of ${name} is not kept`);
      return { version, flavour, schema: kept.schema };
    });
}

export function binaryOf(version: string, flavour: Binary['flavour'] = 'system'): Binary {
  const found = binaries.find((each) => each.version.startsWith(`${version}.`) && each.flavour === flavour);
  if (!found) throw new Error(`no golden trace of ${version} ${flavour}`);
  return found;
}
