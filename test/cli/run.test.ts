import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { parseTrace } from '../../src/trace/lines.ts';
import { oneQemu } from '../real/qemus.ts';
import { fakeProgram, script } from '../target/fake-qemu.ts';
import { temporaryDir } from '../target/temporary.ts';
import { descendants, isAlive, mirrorfuzz, start } from './mirrorfuzz.ts';
import { endless, refused, sequenceFile, sound, unsound } from './sequence-files.ts';

/** The contract's JSON; more members are free to come. */
const resultSchema = z.looseObject({
  schema: z.literal(1),
  tool: z.object({ name: z.literal('mirrorfuzz'), version: z.string() }),
  qemu: z.array(
    z.object({
      label: z.string(),
      version: z.string(),
      path: z.string(),
      flavour: z.enum(['system', 'daemon']),
    }),
  ),
  seed: z.null(),
  options: z.record(z.string(), z.unknown()),
  startedAt: z.iso.datetime(),
  elapsedMs: z.int().min(0),
  sequences: z.int().min(0),
  commands: z.int().min(0),
  guestWrites: z.int().min(0),
  faultsInjected: z.int().min(0),
  restarts: z.int().min(0),
  coverage: z.record(z.string(), z.unknown()),
  findings: z.array(
    z.object({
      id: z.string().min(1),
      kind: z.enum(['crash', 'hang', 'protocol', 'state', 'integrity', 'leak', 'validation']),
      rule: z.string().min(1),
      signature: z.string().min(1),
      title: z.string().min(1),
      firstSeenMs: z.int().min(0),
      steps: z.int().min(0),
      reproduced: z.object({ ok: z.int(), of: z.int() }),
      qemu: z.array(z.string()).min(1),
      path: z.string(),
      known: z.boolean(),
    }),
  ),
  verdict: z.enum(['pass', 'fail', 'unknown']),
});

const hasQemu = oneQemu() !== undefined;
const daemonOnly = ['--flavour', 'daemon'];

test.runIf(hasQemu)(
  'a sound sequence passes in both flavours: exit code 0, and nothing on stderr',
  async () => {
    const { code, stdout, stderr } = await mirrorfuzz(['run', sequenceFile(temporaryDir(), 'sound', sound)]);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^ok +sound .* system/m);
    expect(stdout).toMatch(/^ok +sound .* daemon/m);
    expect(stdout).toMatch(/^2 passed, 0 failed, 0 skipped; /m);
    expect(code).toBe(0);
  },
);

test.runIf(hasQemu)(
  'with --json - stdout is the contract’s JSON alone, and a finding gives exit code 1',
  async () => {
    const dir = temporaryDir();
    sequenceFile(dir, 'a-sound', sound);
    sequenceFile(dir, 'b-unsound', unsound);
    const { code, stdout, stderr } = await mirrorfuzz(['run', dir, '--json', '-']);
    const result = resultSchema.parse(JSON.parse(stdout));
    expect(code).toBe(1);
    expect(result).toMatchObject({ verdict: 'fail', sequences: 4, restarts: 0 });
    expect(result.qemu.map(({ flavour }) => flavour).toSorted()).toEqual(['daemon', 'system']);
    // Both flavours break the same rule in the same words: that is one finding.
    expect(result.findings).toMatchObject([
      { kind: 'validation', rule: 'claim/reply', steps: 1, path: join(dir, 'b-unsound.json') },
    ]);
    expect(stderr).toMatch(/^FAIL +b-unsound/m);
  },
);

test.runIf(hasQemu)('the same finding has the same id every time', async () => {
  const file = sequenceFile(temporaryDir(), 'unsound', unsound);
  const ids = await Promise.all(
    [1, 2].map(async () => {
      const { stdout } = await mirrorfuzz(['run', file, ...daemonOnly, '--json', '-']);
      return resultSchema.parse(JSON.parse(stdout)).findings.map(({ id }) => id);
    }),
  );
  expect(ids[0]).toHaveLength(1);
  expect(ids[1]).toEqual(ids[0]);
});

test.runIf(hasQemu)('an arena that QEMU refuses is no finding: exit code 3, and the reason', async () => {
  const file = sequenceFile(temporaryDir(), 'refused', refused);
  const { code, stdout } = await mirrorfuzz(['run', file, ...daemonOnly, '--json', '-']);
  expect(resultSchema.parse(JSON.parse(stdout))).toMatchObject({
    verdict: 'unknown',
    findings: [],
    items: [{ verdict: 'unknown', reason: expect.stringMatching(/^the arena was refused: /) }],
  });
  expect(code).toBe(3);
});

test.runIf(hasQemu)('a sequence that needs what this QEMU has not is skipped with the reason', async () => {
  const needs = { ...sound, requires: { commands: { 'x-no-such-command': [] } } };
  const file = sequenceFile(temporaryDir(), 'skipped', needs);
  const { code, stdout } = await mirrorfuzz(['run', file, ...daemonOnly]);
  expect(stdout).toMatch(/^skip +skipped .*skipped: .* has no x-no-such-command$/m);
  expect(code).toBe(0);
});

test.runIf(hasQemu)('--traces keeps a trace of each run, which reads back', async () => {
  const dir = temporaryDir();
  const traces = join(dir, 'new', 'traces');
  await mirrorfuzz([
    'run',
    sequenceFile(dir, 'sound', sound),
    '--traces',
    traces,
    '--json',
    join(dir, 'out.json'),
  ]);
  const files = readdirSync(traces).filter((name) => name.endsWith('.trace.jsonl'));
  expect(files).toHaveLength(2);
  for (const file of files) {
    const trace = parseTrace(readFileSync(join(traces, file), 'utf8'), file);
    expect(trace.at(-1)).toMatchObject({ kind: 'closed', pristine: true });
  }
  expect(resultSchema.parse(JSON.parse(readFileSync(join(dir, 'out.json'), 'utf8'))).verdict).toBe('pass');
});

test.runIf(hasQemu)('--quiet tells only what went wrong; NO_COLOR and a pipe have no colours', async () => {
  const dir = temporaryDir();
  sequenceFile(dir, 'a-sound', sound);
  sequenceFile(dir, 'b-unsound', unsound);
  const { stdout } = await mirrorfuzz(['run', dir, '--quiet', ...daemonOnly], { NO_COLOR: '1' });
  expect(stdout).not.toContain('a-sound');
  expect(stdout).toContain('b-unsound');
  expect(stdout).not.toContain('\u001b');
});

const file = () => sequenceFile(temporaryDir(), 'sound', sound);
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
    /--workers wants a whole number from 1 on/,
  ],
  ['no workers', () => ['run', file(), '--workers', '0'], /--workers wants a whole number from 1 on/],
  ['half a worker', () => ['run', file(), '--workers', '1.5'], /--workers wants a whole number from 1 on/],
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
  const { code, stdout, stderr } = await mirrorfuzz(args(), { LC_ALL: 'de_DE.UTF-8', LANG: 'de_DE.UTF-8' });
  expect(stderr).toMatch(complaint);
  expect(stderr).toMatch(/^mirrorfuzz: [^\n]+\n$/);
  expect(stdout).toBe('');
  expect(code).toBe(2);
});

test('without any QEMU: exit code 3, and what mends it', async () => {
  const { code, stderr } = await mirrorfuzz(['run', file()], { PATH: pathWithout() });
  expect(stderr).toMatch(/^mirrorfuzz: no QEMU on PATH .*\(try: \.\/bootstrap, or --qemu with a path\)\n$/);
  expect(code).toBe(3);
});

test('a QEMU that does not start: exit code 3, its last words, and no finding', async () => {
  const bin = temporaryDir();
  for (const name of ['qemu-storage-daemon', 'qemu-img', 'qemu-io']) fakeProgram(bin, name, '7.2.99');
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
  execFileSync(
    'sh',
    [
      '-c',
      `"$0" run "$1" --verbose | head -n 1`,
      join(dirname(import.meta.dirname), '../bin/mirrorfuzz'),
      dir,
    ],
    {
      env: { ...process.env, TMPDIR: tmp },
    },
  );
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
