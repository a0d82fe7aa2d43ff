import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { oneQemu } from '../real/qemus.ts';
import { temporaryDir } from '../target/temporary.ts';
import { mirrorfuzz, start } from './mirrorfuzz.ts';

test('what can not be served is one line that says what to do, and exit code 2', async () => {
  const short = join(temporaryDir(), 'token');
  writeFileSync(short, 'short\n');
  const taken = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void taken.close());
  await new Promise((done) => taken.once('listening', done));
  const { port } = taken.address() as AddressInfo;
  const wrong: [args: string[], complaint: RegExp][] = [
    [['--findings', short], /--findings \S+: is not a directory/],
    [['--port', `${port}`], /--port \d+: somebody else has it .*\(try: --port 0/],
    [['--port', '99999'], /--port must be a whole number from 0 to 65535/],
    [['--host', '0.0.0.0'], /--host 0\.0\.0\.0: .* takes a token \(try: --token new\)/],
    [
      ['--host', '203.0.113.7', '--token', 'x'.repeat(16)],
      /--host 203\.0\.113\.7: is no address of this machine/,
    ],
    [['--token', 'short'], /--token: has 16 to 256 characters/],
    [['--token-file', short], /--token-file: has 16 to 256 characters/],
    [['--token', 'with a space in it'], /--token: has printable ASCII/],
    [['--queue', 'http://lab'], /--queue: it is no redis/],
  ];
  const ended = await Promise.all(wrong.map(([args]) => mirrorfuzz(['serve', ...args])));
  for (const [i, { code, stderr }] of ended.entries()) {
    expect(stderr).toMatch(new RegExp(`^mirrorfuzz: ${wrong[i]?.[1].source}.*\n$`));
    expect(code, stderr).toBe(2);
  }
});

test('a Redis that is not there is the environment’s failure, and its password is not shown', async () => {
  const { code, stderr } = await mirrorfuzz(['serve', '--queue', 'redis://:secret@127.0.0.1:1']);
  expect(stderr).toMatch(/^mirrorfuzz: no Redis at redis:\/\/\S+: .*\n$/);
  expect(stderr).not.toContain('secret');
  expect(code).toBe(3);
});

test('a token is printed once where it was made, and never where it was given; Ctrl-C ends with 130', async () => {
  const dir = temporaryDir();
  const common = ['serve', '--findings', dir, '--port', '0', '--host', '0.0.0.0'];
  const made = start([...common, '--token', 'new']);
  const given = start([...common, '--token', 'a-token-that-was-given']);
  await Promise.all([made.says('Ctrl-C ends it'), given.says('Ctrl-C ends it')]);
  for (const each of [made, given]) each.signalGroup('SIGINT');
  const [ofMade, ofGiven] = await Promise.all([made.ended, given.ended]);
  const [, url = '', token = ''] = /^(http:\S+\/)#token=([0-9a-f]{32}) {2}/.exec(ofMade.stdout) ?? [];
  expect(url).toMatch(/^http:\/\/0\.0\.0\.0:\d+\/$/);
  expect(ofMade.stdout.split(token)).toHaveLength(2);
  expect(ofGiven.stdout + ofGiven.stderr).not.toContain('a-token-that-was-given');
  expect([ofMade.code, ofGiven.code]).toEqual([130, 130]);
  expect(ofMade.stderr + ofGiven.stderr).toBe('');
});

test.runIf(oneQemu() !== undefined)(
  'a hunt is seen while it runs, and has ended when it has ended',
  async () => {
    const dir = temporaryDir();
    const findings = join(dir, 'findings');
    const hunt = start([
      ...['hunt', '--time', '60s', '--no-shrink', '--workers', '1'],
      ...['--findings', findings, '--corpus', join(dir, 'corpus')],
    ]);
    await hunt.says('hunting in');
    const page = start(['serve', '--findings', findings, '--port', '0']);
    await page.says('Ctrl-C ends it');
    const [url] = /http:\S+/.exec(page.stdout()) ?? [];
    const metric = async (name: string): Promise<number> => {
      const text = await (await fetch(`${url}metrics`)).text();
      return text
        .split('\n')
        .filter((line) => line.startsWith(`mirrorfuzz_${name}{`))
        .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
    };
    await expect.poll(() => metric('sequences_total'), { timeout: 40_000, interval: 200 }).toBeGreaterThan(0);
    expect(await metric('running')).toBe(1);
    expect(await metric('workers')).toBe(1);
    hunt.signalGroup('SIGINT');
    await hunt.ended;
    await expect.poll(() => metric('running'), { timeout: 20_000, interval: 200 }).toBe(0);
    page.signalGroup('SIGINT');
    expect((await page.ended).code).toBe(130);
  },
);

test('no other command loads a server: not even the help that lists them all', async () => {
  const hook = join(temporaryDir(), 'hook.mjs');
  writeFileSync(
    hook,
    `import { registerHooks } from 'node:module';
registerHooks({ resolve(name, context, next) {
  if (/^(hono|@hono|prom-client|bullmq|ioredis)/.test(name)) process.stderr.write('LOADED ' + name + '\\n');
  return next(name, context);
} });`,
  );
  const env = { NODE_OPTIONS: `--import ${hook}` };
  const { stdout, stderr } = await mirrorfuzz(['--help'], env);
  expect(stdout).toContain('mirrorfuzz serve');
  expect(stderr).toBe('');
  const serving = start(['serve', '--port', '0'], env);
  await serving.says('LOADED hono');
});
