import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { oneQemu } from '../real/qemus.ts';
import { temporaryDir } from '../target/temporary.ts';
import { mirrorfuzz } from './mirrorfuzz.ts';
import { resultSchema } from './result-schema.ts';
import { sequenceFile, sound } from './sequence-files.ts';

const hasQemu = oneQemu() !== undefined;
const daemonOnly = ['--flavour', 'daemon'];

const file = () => sequenceFile(temporaryDir(), 'sound', sound);
const canMount = hasQemu && process.getuid?.() === 0;
const why = canMount ? '' : ' (skipped: only root can mount a small file system)';

test.runIf(canMount)(
  `a full temporary file system is told before anything runs: exit code 3${why}`,
  async () => {
    const tmp = smallFileSystem(8);
    const { code, stdout, stderr } = await mirrorfuzz(['run', file(), ...daemonOnly], { TMPDIR: tmp });
    expect(stderr).toMatch(
      /^mirrorfuzz: temporary filesystem full: \d MiB free in .*, 64 MiB needed \(try: .*\)\n$/,
    );
    expect(stdout).toBe('');
    expect(code).toBe(3);
  },
);

const big = { name: 'src', format: 'raw', sizeBytes: 48 * 2 ** 20, fill: 'full' };
const fillings: [string, object][] = [
  ['when a disk is made', { arena: { disks: [big, { ...big, name: 'twin' }] } }],
  [
    'when a job copies',
    {
      arena: { disks: [big] },
      steps: [sound.steps[0], { await: 'READY', job: 'j0', deadlineMs: 5000, expect: 'met' }],
    },
  ],
  [
    'when the guest writes',
    {
      arena: { disks: [{ ...big, sizeBytes: 2 ** 28, fill: 'empty', frontend: 'nbd' }] },
      steps: Array(9)
        .fill(0)
        .map((_, n) => ({
          guest: 'write',
          disk: 'src',
          offsetBytes: n * 2 ** 24,
          lengthBytes: 2 ** 24,
          expect: 'ok',
        })),
    },
  ],
];

test.runIf(canMount).each(fillings)(
  `a temporary file system that fills up %s is no finding: exit code 3${why}`,
  async (_when, content) => {
    const json = join(temporaryDir(), 'out.json');
    const full = sequenceFile(temporaryDir(), 'full', content);
    const { code, stderr } = await mirrorfuzz(['run', full, ...daemonOnly, '--json', json], {
      TMPDIR: smallFileSystem(80),
    });
    expect(stderr).toMatch(/^mirrorfuzz: temporary filesystem full: .*\n$/);
    expect(code).toBe(3);
    expect(resultSchema.parse(JSON.parse(readFileSync(json, 'utf8')))).toMatchObject({
      findings: [],
      verdict: 'unknown',
    });
  },
);

function smallFileSystem(mebibytes: number): string {
  const dir = temporaryDir();
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'mirrorfuzz-test', dir]);
  onTestFinished(() => void execFileSync('umount', ['--lazy', dir]));
  return dir;
}
