import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { programsUnder } from '../../../src/target/install/fetched.ts';
import { fakeRoot } from '../fake-root.ts';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mirrorfuzz-fetched-'));
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

test("a fetched program is started by its root's own loader, with its own libraries, modules and firmware", () => {
  fakeRoot(dir, 'trixie', '10.0.13');
  const libraries = `${dir}/usr/lib/x86_64-linux-gnu`;
  expect(programsUnder(dir).system).toEqual({
    argv: [
      `${libraries}/ld-linux-x86-64.so.2`,
      '--inhibit-cache',
      '--library-path',
      libraries,
      `${dir}/usr/bin/qemu-system-x86_64`,
      '-L',
      `${dir}/usr/share/qemu`,
    ],
    env: { QEMU_MODULE_DIR: `${libraries}/qemu` },
    needs: { reads: [dir] },
  });
});

test('only the system emulator is told of firmware', () => {
  fakeRoot(dir, 'trixie', '10.0.13');
  expect(programsUnder(dir).img?.argv).not.toContain('-L');
});

test('libraries are looked for in /lib first, as before the merge into /usr', () => {
  fakeRoot(dir, 'bullseye', '5.2.0');
  mkdirSync(join(dir, 'lib/x86_64-linux-gnu'), { recursive: true });
  const path = programsUnder(dir).img?.argv[3];
  expect(path).toBe(`${dir}/lib/x86_64-linux-gnu:${dir}/usr/lib/x86_64-linux-gnu`);
});

test('a root without a loader has no programs', () => {
  expect(programsUnder(dir)).toEqual({});
});
