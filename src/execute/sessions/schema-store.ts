import { createHash } from 'node:crypto';
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { type QmpSchema, readSchema } from '../../qmp/schema.ts';
import type { Json } from '../../sequence/step.ts';
import { cacheDir } from '../../target/install/cache-dir.ts';
import type { QemuTarget } from '../../target/programs/binary.ts';
import type { Flavour } from '../../trace/observation.ts';

/** What one binary says it understands, and the name under which that is kept: 16 hex digits of its text's SHA-256. */
export type Introspection = { hash: string; schema: QmpSchema; gzipped: Buffer };

/** A schema from the `return` value of `query-qmp-schema`. Throws EnvironmentError where it is none. */
export function introspection(reply: Json): Introspection {
  const text = canonicalJson(reply);
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 16);
  return { hash, schema: readSchema(reply), gzipped: gzipSync(text) };
}

/** Schemas are kept in the cache, one file each, so that a stored trace can be judged by the schema of what ran. */
export const schemaDir = (): string => join(cacheDir(), 'schemas');

/** Writes `HASH.json.gz` unless it is there. Where it can't be written, the trace is judged without it later. */
export function keepSchema({ hash, gzipped }: Introspection, dir = schemaDir()): void {
  if (!statSync(fileOf(hash, dir), { throwIfNoEntry: false })) writeWhole(fileOf(hash, dir), gzipped, dir);
}

/** The schema of that hash from the first of `dirs` that has it. */
export function keptSchema(hash: string, dirs: readonly string[] = [schemaDir()]): Introspection | undefined {
  if (!/^[0-9a-f]{16}$/.test(hash)) return undefined;
  for (const dir of dirs) {
    try {
      const gzipped = readFileSync(fileOf(hash, dir));
      const kept = introspection(JSON.parse(gunzipSync(gzipped).toString()) as Json);
      if (kept.hash === hash) return kept;
    } catch {} // not there, or not whole: the next one may be
  }
  return undefined;
}

/** The schema that this very program was found to have before; undefined where it must be asked. */
export function rememberedSchema(target: QemuTarget, flavour: Flavour): Introspection | undefined {
  const program = identity(target, flavour);
  if (program === undefined) return undefined;
  try {
    return keptSchema(readFileSync(join(schemaDir(), `${program}.program`), 'utf8').trim());
  } catch {
    return undefined;
  }
}

export function rememberSchema(target: QemuTarget, flavour: Flavour, { hash }: Introspection): void {
  const program = identity(target, flavour);
  if (program !== undefined) writeWhole(join(schemaDir(), `${program}.program`), `${hash}\n`, schemaDir());
}

/** undefined for a wrapper script: what it starts may be another build tomorrow; and for a QEMU of another machine. */
function identity(target: QemuTarget, flavour: Flavour): string | undefined {
  const program = flavour === 'system' ? target.system : target.daemon;
  if (!program) return undefined;
  const { argv, env } = program;
  const files = argv.flatMap((path) => {
    const stat = path.includes('/') ? statSync(path, { throwIfNoEntry: false }) : undefined;
    return stat?.isFile() ? [{ path, sizeBytes: stat.size, mtimeMs: stat.mtimeMs }] : [];
  });
  if (files.length === 0 || !files.every(({ path }) => isElf(path))) return undefined;
  const text = canonicalJson({ files, argv: [...argv], env: { ...env }, version: target.version, flavour });
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

function isElf(path: string): boolean {
  const magic = Buffer.alloc(4);
  const fd = openSync(path, 'r');
  try {
    readSync(fd, magic);
  } finally {
    closeSync(fd);
  }
  return magic.equals(Buffer.from('\x7fELF', 'latin1'));
}

const fileOf = (hash: string, dir: string): string => join(dir, `${hash}.json.gz`);

/** Renamed into place, so that nobody reads half of it; a cache that can't be written is no reason to fail. */
function writeWhole(path: string, content: Buffer | string, dir: string): void {
  try {
    mkdirSync(dir, { recursive: true });
    const half = `${path}.${process.pid}`;
    writeFileSync(half, content);
    renameSync(half, path);
  } catch {}
}

/** The same text for the same value: members in the order of their names. */
function canonicalJson(value: Json): string {
  return JSON.stringify(value, (_key, inner: Json) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
