import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { oneQemu } from '../real/qemus.ts';
import { temporaryDir } from '../target/temporary.ts';
import { binary, descendants, isAlive, mirrorfuzz, start } from './mirrorfuzz.ts';
import { resultSchema } from './result-schema.ts';
import { endless, sequenceFile, sound, unsound } from './sequence-files.ts';

const hasQemu = oneQemu() !== undefined;
const daemonOnly = ['--flavour', 'daemon'];

test.runIf(hasQemu)('Ctrl-C ends a run with 130, what was found is saved, and nothing is left', async () => {
  const tmp = temporaryDir();
  const dir = temporaryDir();
  sequenceFile(dir, 'a-unsound', unsound);
  sequenceFile(dir, 'b-endless', endless(6));
  const json = join(dir, 'out.txt');
  const running = start(['run', dir, '--verbose', '--json', json], { TMPDIR: tmp });
  await running.says('a-unsound');
  await until(() => descendants(running.pid).length > 2);
  await sleep(300); // both lanes are in the long one by now, most likely
  const family = descendants(running.pid);
  running.signalGroup('SIGINT');
  const { code, stdout } = await running.ended;
  expect(code).toBe(130);
  expect(stdout).toMatch(/^interrupted: /m);
  expect(stdout.match(/interrupted/g)).toHaveLength(1);
  const result = resultSchema.parse(JSON.parse(readFileSync(json, 'utf8')));
  expect(result.findings).toMatchObject([{ rule: 'claim/reply' }]);
  await until(() => !family.some(isAlive));
  expect(readdirSync(tmp)).toEqual([]);
});

test.runIf(hasQemu)('after SIGKILL no process is left, and the next start sweeps the directory', async () => {
  const tmp = temporaryDir();
  const dir = temporaryDir();
  const running = start(['run', sequenceFile(dir, 'endless', endless(6)), ...daemonOnly], { TMPDIR: tmp });
  await until(() => sessionsIn(tmp).length > 0 && descendants(running.pid).length > 2);
  const family = descendants(running.pid);
  running.kill();
  await running.ended;
  await until(() => !family.some(isAlive));
  expect(readdirSync(tmp)).toHaveLength(1);
  const { code } = await mirrorfuzz(['run', sequenceFile(dir, 'sound', sound), ...daemonOnly], {
    TMPDIR: tmp,
  });
  expect(code).toBe(0);
  expect(readdirSync(tmp)).toEqual([]);
});

test.runIf(hasQemu)('a reader that goes away early leaves nothing behind either', async () => {
  const tmp = temporaryDir();
  const dir = temporaryDir();
  for (let i = 0; i < 9; i++) sequenceFile(dir, `sound${i}`, sound);
  execFileSync('sh', ['-c', `"$0" run "$1" --verbose | head -n 1`, binary, dir], {
    env: { ...process.env, TMPDIR: tmp },
  });
  await until(() => readdirSync(tmp).length === 0);
  expect(readdirSync(tmp)).toEqual([]);
});

const sessionsIn = (tmp: string): string[] =>
  readdirSync(tmp, { recursive: true, encoding: 'utf8' }).filter((name) => /\/s\d+\/q\d+$/.test(name));

async function until(done: () => boolean): Promise<void> {
  const endMs = performance.now() + 20_000;
  while (!done()) {
    if (performance.now() > endMs) throw new Error('it did not come to pass in 20 s');
    await sleep(10);
  }
}
