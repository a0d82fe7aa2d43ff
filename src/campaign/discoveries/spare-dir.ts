import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where this process keeps what a store of findings can't take. It is made once it is needed, and stays. */
export function spareDirOf(store: string): string {
  const dir = spareDirs.get(store) ?? mkdtempSync(join(tmpdir(), 'mirrorfuzz-findings-'));
  spareDirs.set(store, dir);
  return dir;
}

const spareDirs = new Map<string, string>();
