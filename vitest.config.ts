import { globSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

// Starting a process and loading all of src/ into it costs more than most files' tests.
const files = globSync('test/**/*.test.ts', { cwd: import.meta.dirname });
const alone = files.filter((file) => changesProcess(readFileSync(`${import.meta.dirname}/${file}`, 'utf8')));

export default defineConfig({
  test: {
    // Real QEMU sessions share two cores: files run side by side, but never more than that.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    projects: [
      { extends: true, test: { name: 'alone', include: alone } },
      {
        extends: true,
        test: { name: 'together', include: ['test/**/*.test.ts'], exclude: alone, isolate: false },
      },
    ],
    globalSetup: 'test/compile-cache.ts',
  },
});

/** A file that replaces modules, the clock or the environment gets a process of its own; all others share two. */
function changesProcess(source: string): boolean {
  return /\bvi\.|\bprocess\.(on|once|chdir|umask)\(|\bprocess\.env\.\w+ = /.test(source);
}
