import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openEdgeMap } from '../../../src/target/process/edge-map.ts';
import { instrumentsOf, isWatched, slownessOf } from '../../../src/target/programs/instruments.ts';
import { temporaryDir } from '../temporary.ts';

const instrument = resolve('instrument');
const hasCompiler = spawnSync('cc', ['--version']).status === 0;

const root = mkdtempSync(join(tmpdir(), 'mf-test-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A program of two files, of which one has the name of a block-job file. */
function build(compiler: string): { dir: string; file: string } {
  const dir = join(root, compiler);
  mkdirSync(join(dir, 'block'), { recursive: true });
  writeFileSync(join(dir, 'block/mirror.c'), 'int pick(int a) { if (a > 1) return 5; return 7; }\n');
  writeFileSync(
    join(dir, 'main.c'),
    'int pick(int);\nint main(int argc, char **argv) { (void)argv; return pick(argc); }\n',
  );
  const cc = (...args: string[]) => {
    const { status, stderr } = spawnSync(join(instrument, compiler), args, { cwd: dir, encoding: 'utf8' });
    expect(status, stderr).toBe(0);
  };
  const strict = ['-Wall', '-Wextra', '-Werror'];
  for (const name of ['block/mirror', 'main']) cc(...strict, '-c', `${name}.c`, '-o', `${name}.o`);
  // As ninja links what has many objects.
  writeFileSync(join(dir, 'main.rsp'), 'main.o block/mirror.o -o main\n');
  cc(...strict, '@main.rsp');
  return { dir, file: join(dir, 'main') };
}

describe.runIf(hasCompiler)('a program built with edges-cc', () => {
  let dir: string;
  let file: string;
  beforeAll(() => {
    ({ dir, file } = build('edges-cc'));
  });

  test('the edges that a run reached are there once, and only those of its way', () => {
    const map = openEdgeMap(dir);
    const reached = (...args: string[]): number[] => {
      const status = spawnSync(file, args, { env: map.env }).status;
      expect(status).toBe(args.length > 0 ? 5 : 7);
      return map.take();
    };
    const one = reached();
    const other = reached('more');
    expect(one.length).toBeGreaterThan(1);
    expect(reached()).toEqual(one);
    expect(map.take()).toEqual([]);
    expect(other.filter((edge) => !one.includes(edge))).not.toEqual([]);
    expect(one.filter((edge) => !other.includes(edge))).not.toEqual([]);

    // One that is started again in the same directory adds to what is there.
    spawnSync(file, [], { env: map.env });
    spawnSync(file, ['more'], { env: openEdgeMap(dir).env });
    expect(map.take()).toEqual([...new Set([...one, ...other])].sort((a, b) => a - b));
    expect(openEdgeMap(dir).take()).toEqual([]);
  });

  test('a build that counts edges is known, and judged as any other', () => {
    const program = { argv: [file], env: {}, instruments: instrumentsOf({ argv: [file], env: {} }) };
    expect(program.instruments).toEqual(['edges']);
    expect([slownessOf(program), isWatched(program)]).toEqual([1, false]);
    // Without a map it works as well.
    expect(spawnSync(file, [], { cwd: dir }).status).toBe(7);
    const counted = build('gcov-cc').file;
    expect(instrumentsOf({ argv: [counted], env: {} })).toEqual(['gcov', 'edges']);
  });
});

test('mirrorfuzz and QEMU agree on the size of the map', () => {
  const bits = Number(/MAP_BITS = (\d+)/.exec(readFileSync(join(instrument, 'edges.c'), 'utf8'))?.[1]);
  const dir = temporaryDir();
  openEdgeMap(dir);
  expect(readFileSync(join(dir, 'edges.map'))).toEqual(Buffer.alloc(2 ** bits));
});
