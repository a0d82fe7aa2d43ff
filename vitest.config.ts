import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// A process with all of src/ loaded costs more than most files' tests: the files of these rooms share two of them.
// The other rooms test what a process remembers (which programs work here), or start processes and wait for them.
const rooms =
  'diff,execute,findings,gate,generate,judge,lab,model,qemu,qmp,report,sequence,shrink,trace'.split(',');
const together = globSync(`test/{${rooms}}/**/*.test.ts`, { cwd: import.meta.dirname }).filter(
  (file) => !changesProcess(readFileSync(join(import.meta.dirname, file), 'utf8')),
);

export default defineConfig({
  test: {
    // Real QEMU sessions share two cores, and a third of the time they wait for jobs, deadlines and servers.
    maxWorkers: 3,
    // No test is to fail for being slow: the longest takes 56 s where three files share two cores.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    globalSetup: 'test/compile-cache.ts',
    projects: [
      { extends: true, test: { name: 'alone', include: ['test/**/*.test.ts'], exclude: together } },
      { extends: true, test: { name: 'together', include: together, isolate: false } },
    ],
  },
});

/** A file that replaces modules, the clock or the environment keeps a process of its own. */
function changesProcess(source: string): boolean {
  return /\bvi\.|\bprocess\.(on|once|chdir|umask)\(|\bprocess\.env\.\w+ = /.test(source);
}
