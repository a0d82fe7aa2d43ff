import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A directory that goes with the test; on tmpfs where TMPDIR says so. */
export function temporaryDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'mf-test-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}
