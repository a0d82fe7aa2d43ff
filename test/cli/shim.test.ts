import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryDir } from '../target/temporary.ts';
import { mirrorfuzz, start } from './mirrorfuzz.ts';

test.each([
  ['no monitor', ['--listen', './s'], /Missing required argument: qmp/],
  [
    'an address that is none',
    ['--qmp', 'nonsense', '--listen', './s'],
    /neither a path with a slash nor HOST:PORT/,
  ],
  [
    'a dialect there is not',
    ['--qmp', './q', '--listen', './s', '--dialect', 'rhel5'],
    /Choices: "rhel6", "rhel7"/,
  ],
  ['a path too long', ['--qmp', `/${'x'.repeat(120)}`, '--listen', './s'], /107 bytes at most/],
])('%s is a usage error', async (_, args, complaint) => {
  const { code, stderr } = await mirrorfuzz(['shim', ...args]);
  expect(code).toBe(2);
  expect(stderr).toMatch(complaint);
});

test('a QEMU that is not there is the environment’s failure', async () => {
  const dir = temporaryDir();
  const { code, stderr } = await mirrorfuzz(['shim', '--qmp', join(dir, 'no'), '--listen', join(dir, 's')]);
  expect(code).toBe(3);
  expect(stderr).toMatch(/^mirrorfuzz: no QMP monitor at .*\n$/);
});

test('Ctrl-C ends it, and leaves no socket', async () => {
  const dir = temporaryDir();
  const qemu = createServer((socket) => socket.on('error', () => {})).listen(join(dir, 'q'));
  onTestFinished(() => void qemu.close());
  const shim = start(['shim', '--qmp', join(dir, 'q'), '--listen', join(dir, 's')]);
  await shim.says('Ctrl-C ends it');
  expect(existsSync(join(dir, 's'))).toBe(true);
  shim.signalGroup('SIGINT');
  expect((await shim.ended).code).toBe(130);
  expect(existsSync(join(dir, 's'))).toBe(false);
});
