import {
  chmodSync,
  copyFileSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  introspection,
  keepSchema,
  keptSchema,
  rememberedSchema,
  rememberSchema,
  schemaDir,
} from '../../../src/execute/sessions/schema-store.ts';
import type { QemuTarget } from '../../../src/target/programs/binary.ts';
import { smallSchema } from '../../qmp/small-schema.ts';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'schema-store-'));
  vi.stubEnv('XDG_CACHE_HOME', dir);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true });
});

/** A target whose storage daemon is the file at `path`. */
function targetAt(path: string): QemuTarget {
  return { label: 'x', version: '7.2.22', origin: 'binary', path, daemon: { argv: [path], env: {} } };
}

function program(name: string, content: Buffer | string): string {
  const path = join(dir, name);
  writeFileSync(path, content);
  chmodSync(path, 0o755);
  return path;
}

const elf = Buffer.from('\x7fELF and so on', 'latin1');

test('a schema comes back by its hash, with all that it had', () => {
  const kept = introspection(smallSchema);
  keepSchema(kept);
  expect(kept.hash).toMatch(/^[0-9a-f]{16}$/);
  expect([...keptSchema(kept.hash)!.schema.commands.keys()]).toEqual([...kept.schema.commands.keys()]);
});

test('the hash does not depend on the order of members', () => {
  const turned = smallSchema.map((entry) => Object.fromEntries(Object.entries(entry as object).reverse()));
  expect(introspection(turned).hash).toBe(introspection(smallSchema).hash);
});

test('the first directory that has it counts, and a broken file is as good as none', () => {
  const kept = introspection(smallSchema);
  const beside = join(dir, 'beside');
  keepSchema(kept, beside);
  keepSchema(kept);
  writeFileSync(join(beside, `${kept.hash}.json.gz`), 'no gzip');
  expect(keptSchema(kept.hash, [beside])).toBeUndefined();
  expect(keptSchema(kept.hash, [beside, schemaDir()])?.hash).toBe(kept.hash);
});

test('a schema under the name of another is not taken for it', () => {
  const kept = introspection(smallSchema);
  keepSchema(kept);
  copyFileSync(join(schemaDir(), `${kept.hash}.json.gz`), join(schemaDir(), '0123456789abcdef.json.gz'));
  expect(keptSchema('0123456789abcdef')).toBeUndefined();
  expect(keptSchema('../../etc/passwd')).toBeUndefined();
});

test('a directory that can not be written is no error', () => {
  const file = program('file', '');
  expect(() => keepSchema(introspection(smallSchema), join(file, 'below'))).not.toThrow();
});

test('a program is known again while its file is the same', () => {
  const target = targetAt(program('qemu', elf));
  const kept = introspection(smallSchema);
  keepSchema(kept);
  expect(rememberedSchema(target, 'daemon')).toBeUndefined();
  rememberSchema(target, 'daemon', kept);
  expect(rememberedSchema(target, 'daemon')?.hash).toBe(kept.hash);
  utimesSync(target.path, 1, 1);
  expect(rememberedSchema(target, 'daemon')).toBeUndefined();
});

test('a wrapper script is asked every time', () => {
  const target = targetAt(program('wrapper', '#!/bin/sh\nexec qemu-storage-daemon "$@"\n'));
  const kept = introspection(smallSchema);
  keepSchema(kept);
  rememberSchema(target, 'daemon', kept);
  expect(rememberedSchema(target, 'daemon')).toBeUndefined();
  expect(readdirSync(schemaDir())).toEqual([`${kept.hash}.json.gz`]);
});
