import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { askProgram } from '../../../src/target/programs/ask-program.ts';
import { script } from '../fake-qemu.ts';
import { temporaryDir } from '../temporary.ts';

const deadlineMs = 500;

test('a wrapper that hangs is killed at the deadline together with what it started', async () => {
  const dir = temporaryDir();
  const pidFile = join(dir, 'pid');
  const wrapper = script(join(dir, 'wrapper'), `sleep 600 & echo $! > ${pidFile}; echo begun; wait`);
  const answer = await askProgram({ argv: [wrapper], env: {} }, [], { deadlineMs });
  expect(answer).toEqual({ outcome: 'late', stdout: 'begun\n', stderr: '' });
  await gone(Number(readFileSync(pidFile, 'utf8')));
});

test('the answer comes at the deadline also where a grandchild has left the group and holds the pipes', async () => {
  const dir = temporaryDir();
  const pidFile = join(dir, 'pid');
  const wrapper = script(
    join(dir, 'wrapper'),
    `setsid sh -c 'echo $$ > ${pidFile}; exec sleep 600' & sleep 600`,
  );
  const begin = performance.now();
  const answer = await askProgram({ argv: [wrapper], env: {} }, [], { deadlineMs });
  onTestFinished(() => void process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGKILL'));
  expect(answer.outcome).toBe('late');
  expect(performance.now() - begin).toBeLessThan(10 * deadlineMs);
});

test('what was said, the code and the signal are told apart', async () => {
  const ask = (body: string) =>
    askProgram({ argv: [script(join(temporaryDir(), 'p'), body)], env: { WHAT: 'set' } }, ['word'], {
      deadlineMs: 20_000,
    });
  expect(await ask('echo "$WHAT $1"; echo bad >&2; exit 3')).toMatchObject({
    code: 3,
    stdout: 'set word\n',
    stderr: 'bad\n',
  });
  expect(await ask('kill -SEGV $$')).toMatchObject({ outcome: 'ended', code: null, signal: 'SIGSEGV' });
  expect(await askProgram({ argv: ['/missing'], env: {} }, [], { deadlineMs })).toMatchObject({
    outcome: 'not-started',
  });
});

async function gone(pid: number): Promise<void> {
  for (let tries = 0; existsSync(`/proc/${pid}`); tries++) {
    if (/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))) return;
    if (tries > 500) throw new Error(`process ${pid} is still there`);
    await sleep(10);
  }
}
