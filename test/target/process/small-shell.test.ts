import { expect, test } from 'vitest';
import { runFromShell } from '../../../src/target/process/small-shell.ts';

const sh = { argv: ['sh'], env: {} };

test('a program’s code, output and complaints come apart', async () => {
  const ended = await runFromShell(sh, ['-c', 'echo out; echo err >&2; exit 3'], 10_000);
  expect(ended).toEqual({ code: 3, stdout: 'out\n', stderr: 'err\n' });
});

test('nothing in a word is read by the shell', async () => {
  const words = ["it's", '$HOME', 'a b', '`id`', '; exit 1', '\\', 'two\nlines'];
  const ended = await runFromShell({ argv: ['printf'], env: {} }, ['%s|', ...words], 10_000);
  expect(ended.stdout).toBe(words.map((word) => `${word}|`).join(''));
});

test('its environment is set for that program alone', async () => {
  const show = ['-c', 'printf %s "$PLACE"'];
  expect((await runFromShell({ argv: ['sh'], env: { PLACE: "o'er there" } }, show, 10_000)).stdout).toBe(
    "o'er there",
  );
  expect((await runFromShell(sh, show, 10_000)).stdout).toBe('');
});

test('several run side by side, and each gets its own answer', async () => {
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, i) => runFromShell(sh, ['-c', `sleep 0.0${8 - i}; echo ${i}`], 10_000)),
  );
  expect(answers.map(({ stdout }) => stdout.trim())).toEqual(['0', '1', '2', '3', '4', '5', '6', '7']);
});

test('a program that does not end is killed at its deadline, and the next one runs', async () => {
  expect((await runFromShell(sh, ['-c', 'echo begun; sleep 1000'], 200)).code).toBeUndefined();
  expect(await runFromShell(sh, ['-c', 'exit 0'], 10_000)).toMatchObject({ code: 0 });
});

test('a program killed by a signal ends with a code over 128', async () => {
  expect((await runFromShell(sh, ['-c', 'kill -9 $$'], 10_000)).code).toBe(137);
});

test('a program that is not there ends as a shell says it', async () => {
  expect((await runFromShell({ argv: ['no-such-program'], env: {} }, [], 10_000)).code).toBe(127);
});
