import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { oneQemu } from '../real/qemus.ts';
import { npm, pack } from './pack.ts';

/** Each command is a start of Node and some of QEMU: 3 s alone, ten times that on a busy machine. */
const severalStartsMs = 180_000;
const hasQemu = oneQemu() !== undefined;
const dir = mkdtempSync(join(tmpdir(), 'mf-package-'));
const installed = join(dir, 'empty');
let tarball: string;

beforeAll(async () => {
  mkdirSync(join(dir, 'checkout'));
  mkdirSync(installed);
  tarball = await pack(join(dir, 'checkout'));
  // Everything but Node is in the tarball; no registry is asked.
  await npm(installed, ['install', '--offline', '--omit=optional', '--no-audit', '--no-fund', tarball]);
}, 300_000);
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test('the tarball has what runs: no kept sequences, nothing of an older build, no maps without sources', async () => {
  const { stdout } = await execa('tar', ['tzf', tarball]);
  const files = stdout.split('\n').map((line) => line.replace(/^package\//, ''));
  expect(files).toEqual(
    expect.arrayContaining([
      ...['bin/mirrorfuzz', 'dist/src/cli/start.js', 'dist/properties/lifecycle.js', 'README.md', 'LICENSE'],
      ...['dist/src/page/page.js', 'dist/src/page/page.css', 'dist/src/page/live.js'],
      ...[
        'corpus/test-plan/06-info-block-jobs.json',
        'docs/hunt.md',
        'instrument/edges.c',
        'node_modules/execa/package.json',
      ],
    ]),
  );
  const own = files.filter((file) => !file.startsWith('node_modules/'));
  expect(
    own.filter((file) => /^corpus\/hunt|^dist\/src\/removed|\.map$|\.ts$|^src|^test|^findings/.test(file)),
  ).toEqual([]);
  // Half of it is what a lab needs: bullmq, ioredis, hono and prom-client as they are published, with sources and types.
  expect(statSync(tarball).size).toBeLessThan(9e6);
});

test('package.json says where the project is', () => {
  const { repository, bugs, homepage } = JSON.parse(
    readFileSync(join(installed, 'node_modules/mirrorfuzz/package.json'), 'utf8'),
  );
  expect([repository.url, bugs, homepage].join(' ')).toMatch(/^git\+https:\S+\.git https:\S+ https:\S+$/);
});

test('where npm left out the Node that the package brings, an old one is refused with what to do', async () => {
  const old = program('node', 'echo v20.20.2');
  const { exitCode, stderr } = await mirrorfuzz(['rules'], `${old}:/usr/bin:/bin`);
  expect(stderr).toBe(
    'mirrorfuzz: needs Node 24 or later, and found v20.20.2: install this package again with npm install ' +
      '--include=optional, which brings one, or put Node 24 on PATH',
  );
  expect(exitCode).toBe(2);
});

test('the Node that npm installs beside the package is taken, whatever the system has', async () => {
  bringNode();
  const old = program('node', 'echo v20.20.2');
  const { exitCode, stdout } = await mirrorfuzz(['rules'], `${old}:/usr/bin:/bin`);
  expect(stdout).toContain('crash/signal');
  expect(exitCode).toBe(0);
});

test.runIf(hasQemu)(
  'doctor, run and scenario work from the package',
  { timeout: severalStartsMs },
  async () => {
    bringNode();
    expect(await mirrorfuzz(['doctor'])).toMatchObject({ exitCode: 0 });
    const plan = 'node_modules/mirrorfuzz/corpus/test-plan';
    const ran = await mirrorfuzz(['run', `${plan}/06-info-block-jobs.json`, `${plan}/08-set-speed.json`]);
    expect(ran.stdout).toMatch(/[1-9] passed, 0 failed/);
    expect(await mirrorfuzz(['scenario', 'run', 'rhel6-06-set-speed'])).toMatchObject({ exitCode: 0 });
  },
);

test.runIf(hasQemu)(
  'a hunt from the package lasts its time, and its findings are listed',
  { timeout: severalStartsMs },
  async () => {
    bringNode();
    const startedAt = performance.now();
    const hunted = await mirrorfuzz([
      'hunt',
      '--time',
      '3s',
      '--workers',
      '1',
      '--no-shrink',
      '--json',
      'out.json',
    ]);
    expect(performance.now() - startedAt).toBeGreaterThan(3_000);
    const { sequences, findings } = JSON.parse(readFileSync(join(installed, 'out.json'), 'utf8'));
    expect(sequences).toBeGreaterThan(0);
    expect(hunted.exitCode).toBe(findings.length > 0 ? 1 : 0);
    const { stdout } = await mirrorfuzz(['findings', 'list']);
    for (const { id } of findings) expect(stdout).toContain(id.slice(0, 4));
  },
);

const mirrorfuzz = (args: string[], path = process.env.PATH) =>
  execa(join(installed, 'node_modules/.bin/mirrorfuzz'), args, {
    cwd: installed,
    env: { PATH: path },
    reject: false,
    stdin: 'ignore',
  });

/** As npm would, had it not been told to leave out what is optional. */
function bringNode(): void {
  const bin = join(installed, 'node_modules/node-linux-test/bin');
  mkdirSync(bin, { recursive: true });
  symlinkSync(process.execPath, join(bin, 'node'));
  onTestFinished(() => rmSync(join(bin, '..'), { recursive: true }));
}

/** A directory with that program alone. */
function program(name: string, script: string): string {
  const bin = mkdtempSync(join(dir, 'bin-'));
  writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(bin, name), 0o755);
  return bin;
}
