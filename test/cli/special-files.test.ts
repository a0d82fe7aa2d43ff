import { rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryDir } from '../target/temporary.ts';
import { mirrorfuzz } from './mirrorfuzz.ts';
import { storeFinding } from './stored-finding.ts';

describe.each([
  ['/dev/zero', /^mirrorfuzz: \/dev\/zero: can't be read: it is neither a file nor a pipe\n$/],
  ['huge.json', /^mirrorfuzz: .*huge\.json: can't be read: it has more than 4 MiB\n$/],
])('%s in the place of a sequence: exit code 2 and one line', (name, line) => {
  test.each([['run'], ['replay'], ['shrink'], ['corpus', 'add']])('%s %s', async (...command) => {
    const dir = temporaryDir();
    const file = name.startsWith('/') ? name : join(dir, name);
    if (file !== name) {
      writeFileSync(file, '');
      truncateSync(file, 2 ** 33);
    }
    const to = command[0] === 'corpus' ? ['--corpus', join(dir, 'corpus')] : [];
    const { code, stdout, stderr } = await mirrorfuzz([...command, file, ...to]);
    expect(stdout).toBe('');
    expect(stderr).toMatch(line);
    expect(code).toBe(2);
  });
});

test.each([
  ['finding.json', ['findings', 'list']],
  ['finding.json', ['findings', 'show', 'ID']],
  ['trace.jsonl', ['findings', 'show', 'ID', '--report']],
  ['sequence.json', ['findings', 'show', 'ID']],
  ['sequence.json', ['replay', 'ID']],
])('%s of a finding that is a device: exit code 2 and one line of %j', async (file, command) => {
  const dir = temporaryDir();
  const id = storeFinding(dir);
  rmSync(join(dir, id, file));
  symlinkSync('/dev/zero', join(dir, id, file));
  const args = command.map((word) => (word === 'ID' ? id : word));
  const { code, stderr } = await mirrorfuzz([...args, '--findings', dir]);
  expect(stderr).toMatch(/^mirrorfuzz: .*: can't be read: it is neither a file nor a pipe\n$/);
  expect(code).toBe(2);
});
