import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One compile cache for every Node that the tests start: compiling is half of the time that a start takes. */
export default function setup(): () => void {
  const dir = mkdtempSync(join(tmpdir(), 'mf-test-'));
  process.env.NODE_COMPILE_CACHE = dir;
  return () => rmSync(dir, { recursive: true, force: true });
}
