import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fakeProgram, script } from '../target/fake-qemu.ts';
import { temporaryDir } from '../target/temporary.ts';
import { inProcess } from './in-process.ts';
import { mirrorfuzz } from './mirrorfuzz.ts';
import { resultSchema } from './result-schema.ts';
import { sequenceFile, sound } from './sequence-files.ts';

const file = () => sequenceFile(temporaryDir(), 'sound', sound);
const notDirectory = /--(findings|corpus) \/etc\/passwd: is not a directory/;
const mistakes: [what: string, args: () => string[], complaint: RegExp][] = [
  ['no command', () => [], /no command given/],
  ['an unknown command', () => ['frobnicate'], /there is no command "frobnicate"/],
  ['a command that is nearly one', () => ['rnu', file()], /there is no command "rnu": did you mean run\?/],
  ['no file', () => ['run'], /something is missing after "run"/],
  ['an unknown option', () => ['run', file(), '--flavor', 'system'], /Unknown argument: flavor/],
  [
    'a value there is not',
    () => ['run', file(), '--flavour', 'virtual'],
    /Choices: "system", "daemon", "both"/,
  ],
  [
    'an option without its value',
    () => ['run', file(), '--workers'],
    /Not enough arguments following: workers/,
  ],
  [
    'a number that is none',
    () => ['run', file(), '--workers', 'many'],
    /--workers must be a whole number, 1 or more/,
  ],
  ['no workers', () => ['run', file(), '--workers', '0'], /--workers must be a whole number, 1 or more/],
  ['half a worker', () => ['run', file(), '--workers', '1.5'], /--workers must be a whole number, 1 or more/],
  [
    'more workers than a machine can bear',
    () => ['run', file(), '--workers', '100000'],
    /--workers 100000: \d+ at most on this machine, 8 for each of its cores/,
  ],
  ['findings that are a file', () => ['findings', 'list', '--findings', '/etc/passwd'], notDirectory],
  [
    'one of findings that are a file',
    () => ['findings', 'show', 'ab', '--findings', '/etc/passwd'],
    notDirectory,
  ],
  ['a replay out of a file', () => ['replay', 'ab', '--findings', '/etc/passwd'], notDirectory],
  ['a corpus that is a file', () => ['corpus', 'list', '--corpus', '/etc/passwd'], notDirectory],
  [
    'adding to a corpus that is a file',
    () => ['corpus', 'add', file(), '--corpus', '/etc/passwd'],
    /--corpus \/etc\/passwd: \/etc\/passwd is a file/,
  ],
  ['an option given twice', () => ['run', file(), '--json', 'a', '--json', 'b'], /--json is given 2 times/],
  ['a file that is not there', () => ['run', '/no/such.json'], /\/no\/such\.json: no such file or directory/],
  [
    'a directory without sequences',
    () => ['run', temporaryDir()],
    /no sequence file \(\*\.json\) in this directory/,
  ],
  [
    'a file that is no sequence',
    () => ['run', sequenceFile(temporaryDir(), 'a', { steps: [{ qpm: 'x' }] })],
    /a\.json:\d+: steps\[0\]: a step is/,
  ],
  [
    'a label there is not',
    () => ['run', file(), '--qemu', '1.2.3'],
    /--qemu 1\.2\.3: neither a path nor a known label/,
  ],
  [
    'a QEMU that is not there',
    () => ['run', file(), '--qemu', '/no/qemu'],
    /--qemu \/no\/qemu: no such file/,
  ],
  [
    'a result that can’t be written',
    () => ['run', file(), '--json', '/no/such/dir/a.json'],
    /--json \/no\/such\/dir\/a\.json: /,
  ],
  [
    'a result that would be a directory',
    () => ['run', file(), '--json', temporaryDir()],
    /it is a directory/,
  ],
  ['traces where a file is', () => ['run', file(), '--traces', file()], /--traces .*: EEXIST/],
];

test.each(mistakes)('%s: exit code 2 and one clear line', async (_what, args, complaint) => {
  const { code, stdout, stderr } = await inProcess(args());
  expect(stderr).toMatch(complaint);
  expect(stderr).toMatch(/^mirrorfuzz: [^\n]+\n$/);
  expect(stdout).toBe('');
  expect(code).toBe(2);
});

test('the program itself says it, and in English wherever it runs', async () => {
  const { code, stdout, stderr } = await mirrorfuzz(['run'], { LC_ALL: 'de_DE.UTF-8', LANG: 'de_DE.UTF-8' });
  expect(stderr).toBe('mirrorfuzz: something is missing after "run" (try: mirrorfuzz run --help)\n');
  expect([code, stdout]).toEqual([2, '']);
});

test('without any QEMU: exit code 3, and what mends it', async () => {
  const { code, stderr } = await mirrorfuzz(['run', file()], { PATH: pathWithout() });
  expect(stderr).toMatch(
    /^mirrorfuzz: no QEMU on PATH .*\(try: mirrorfuzz doctor, .*or --qemu with a path\)\n$/,
  );
  expect(code).toBe(3);
});

test('a QEMU that does not start: exit code 3, its last words, and no finding', async () => {
  const bin = temporaryDir();
  for (const name of ['qemu-storage-daemon', 'qemu-img']) fakeProgram(bin, name, '7.2.99');
  script(
    join(bin, 'qemu-storage-daemon'),
    'case "$*" in *--version*) echo "qemu-storage-daemon version 7.2.99";; *) echo "no luck today" >&2; exit 1;; esac',
  );
  const json = join(temporaryDir(), 'out.json');
  const { code, stderr } = await mirrorfuzz(['run', file(), '--qemu', bin, '--json', json]);
  expect(stderr).toMatch(
    /^mirrorfuzz: QEMU 7\.2\.99 \(daemon\) does not start: no luck today \(try: mirrorfuzz doctor\)\n$/,
  );
  expect(code).toBe(3);
  expect(resultSchema.parse(JSON.parse(readFileSync(json, 'utf8')))).toMatchObject({
    findings: [],
    verdict: 'unknown',
  });
});

/** A PATH with the usual tools, but none of QEMU's. */
function pathWithout(): string {
  const bin = temporaryDir();
  for (const tool of ['sh', 'readlink', 'dirname']) {
    script(
      join(bin, tool),
      `exec ${execFileSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).trim()} "$@"`,
    );
  }
  return bin;
}
