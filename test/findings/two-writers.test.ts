import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openFindings } from '../../src/findings/store.ts';
import { temporaryDir } from '../target/temporary.ts';
import { crashFound } from './found.ts';

test('of two processes that record at once, none loses what the other has seen', async () => {
  const dir = join(temporaryDir(), 'findings');
  const writers = ['a', 'b'].map((seed) => writer(dir, 60, 3, seed));
  const printed = await Promise.all(writers.map(({ ended }) => ended));
  const fresh = printed.map((text) => Number(text.split(' ').at(-1)));
  expect(fresh.reduce((sum, each) => sum + each, 0)).toBe(3);
  const { findings, complaints } = openFindings(dir).list();
  expect(complaints).toEqual([]);
  expect(findings.map(({ count }) => count)).toEqual([40, 40, 40]);
});

test('a writer killed by SIGKILL leaves whole findings, and no lock that others would wait for', async () => {
  const dir = join(temporaryDir(), 'findings');
  for (let round = 0; round < 6; round++) {
    const { child, begun, ended } = writer(dir, 100_000, round % 2 === 0 ? 3 : 100_000, String(round));
    await begun;
    await new Promise((resolve) => setTimeout(resolve, 40 + 7 * round));
    child.kill('SIGKILL');
    await ended;
    const store = openFindings(dir);
    const { findings, complaints } = store.list();
    expect(complaints).toEqual([]);
    for (const { id, steps } of findings) {
      const stored = store.read(id);
      expect(stored.sequence().steps.length).toBe(steps);
      expect(stored.trace().at(-1)?.kind).toBe('exit');
    }
  }
  const { id } = openFindings(dir).record(crashFound());
  expect(readdirSync(dir)).toContain(id);
  expect(readdirSync(dir).filter((name) => /^\.(?:new|ready)/.test(name))).toEqual([]);
}, 180_000); // six processes are started, each of which is slow on a busy machine

function writer(dir: string, count: number, signatures: number, seed: string) {
  const args = [join(import.meta.dirname, 'writer.ts'), dir, String(count), String(signatures), seed];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  const ended = once(child, 'close').then(() => printed);
  const begun = once(child.stdout, 'data');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return { child, begun, ended };
}
