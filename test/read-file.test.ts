import { execFileSync } from 'node:child_process';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readFile } from '../src/read-file.ts';
import { temporaryDir } from './target/temporary.ts';

const most = 1_000_000;

test('a file is read as it is', () => {
  const file = join(temporaryDir(), 'a');
  const bytes = Buffer.alloc(most, 'é\0');
  writeFileSync(file, bytes);
  expect(readFile(file, most).equals(bytes)).toBe(true);
});

test.each([
  ['/dev/zero', 'it is neither a file nor a pipe'],
  ['/dev/null', 'it is neither a file nor a pipe'],
  ['/proc', 'it is neither a file nor a pipe'],
  ['/no/such/file', 'ENOENT'],
])('%s is refused', (file, why) => {
  expect(() => readFile(file, most)).toThrow(`${file}: can't be read: ${why}`);
});

test('a file larger than what is meant is refused before it is read', () => {
  const file = join(temporaryDir(), 'huge.json');
  writeFileSync(file, '');
  truncateSync(file, 2 ** 40);
  expect(() => readFile(file, 4 * 2 ** 20)).toThrow(`${file}: can't be read: it has more than 4 MiB`);
});

test('a pipe is read to its end, and one that nobody writes to is empty', () => {
  const pipe = join(temporaryDir(), 'pipe');
  execFileSync('mkfifo', [pipe]);
  expect(readFile(pipe, most)).toHaveLength(0);
  const read = (command: string): string =>
    execFileSync(
      'bash',
      ['-c', `"$0" --input-type=module -e "$1" <(${command})`, process.execPath, program],
      {
        encoding: 'utf8',
      },
    );
  expect(read('echo a; sleep 0.3; echo b')).toBe('4 bytes\n');
  expect(read('yes')).toMatch(/it has more than/);
  expect(read('sleep 8')).toMatch(/nothing came through the pipe in 5 s/);
});

const program = `
import { readFile } from '${join(import.meta.dirname, '../src/read-file.ts')}';
try { console.log(readFile(process.argv[1], ${most}).length + ' bytes'); } catch (error) { console.log(error.message); }
`;
