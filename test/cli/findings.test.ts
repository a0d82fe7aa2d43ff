import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { AblationTable } from '../../src/findings/ablated.ts';
import { openFindings } from '../../src/findings/store.ts';
import { asPlace } from '../../src/trace/place.ts';
import { leftBehind } from '../findings/facts.ts';
import { crashFound, ruleNamed } from '../findings/found.ts';
import { temporaryDir } from '../target/temporary.ts';
import { inProcess as mirrorfuzz } from './in-process.ts';

test('list is a table, the most serious first, and exits 0 though there are findings', async () => {
  const { dir, ids } = store();
  const { code, stdout } = await mirrorfuzz(['findings', 'list', '--findings', dir]);
  expect(code).toBe(0);
  const lines = stdout.trim().split('\n');
  expect(lines[0]).toMatch(/^ID +IMPACT +REACH +STATUS +STEPS +SHOWS +MET$/);
  const rows = lines.slice(1).filter((line) => !line.startsWith(' '));
  expect(rows.map((line) => line.split(/ +/).slice(0, 3))).toEqual([
    [ids.crash, 'crash', 'invalid-commands'], // its trace has no node dst
    [ids.leak, 'leak', 'valid-commands'],
  ]);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  const whole = stdout.replaceAll(/\s+/g, ' ');
  for (const { title } of openFindings(dir).list().findings) expect(whole).toContain(title);
});

test('list --json is for scripts: schema 1, and paths that lead to the findings', async () => {
  const { dir, ids } = store();
  const { stdout, stderr } = await mirrorfuzz(['findings', 'list', '--findings', dir, '--json', '-']);
  const { schema, findings } = JSON.parse(stdout);
  expect(schema).toBe(1);
  expect(findings).toMatchObject([
    { id: ids.crash, kind: 'crash', known: false, path: join(dir, ids.crash), reproduced: { ok: 3, of: 3 } },
    { id: ids.leak },
  ]);
  expect(stderr).toMatch(/^ID /);
});

test('list --status shows those only', async () => {
  const { dir, ids } = store();
  await mirrorfuzz(['findings', 'triage', ids.leak, '--status', 'wontfix', '--findings', dir]);
  const { stdout } = await mirrorfuzz(['findings', 'list', '--status', 'wontfix', '--findings', dir]);
  expect(stdout).toContain(ids.leak);
  expect(stdout).not.toContain(ids.crash);
});

test('a store that is named and not there is one line on stderr, and exit code 2', async () => {
  const { code, stdout, stderr } = await mirrorfuzz(['findings', 'list', '--findings', '/nope']);
  expect(stderr).toMatch(/^mirrorfuzz: --findings \/nope: there is no such directory \(try: [^\n]*\)\n$/);
  expect(stdout).toBe('');
  expect(code).toBe(2);
});

test('a store that is there and empty has no findings', async () => {
  const { code, stdout } = await mirrorfuzz(['findings', 'list', '--findings', temporaryDir()]);
  expect(stdout).toMatch(/^no findings in /);
  expect(code).toBe(0);
});

test('a damaged finding is one line on stderr and exit code 2, and the rest is listed', async () => {
  const { dir, ids } = store();
  mkdirSync(join(dir, '000000000000'));
  writeFileSync(join(dir, '000000000000', 'finding.json'), '{"schema": 1}');
  const { code, stdout, stderr } = await mirrorfuzz(['findings', 'list', '--findings', dir]);
  expect(stderr).toMatch(/^mirrorfuzz: [^\n]*000000000000\/finding\.json: id: [^\n]*\n$/);
  expect(stdout).toContain(ids.crash);
  expect(code).toBe(2);
});

test('show tells the steps, the rule and how to run it; the beginning of an id does', async () => {
  const { dir, ids } = store();
  const { code, stdout } = await mirrorfuzz(['findings', 'show', ids.crash.slice(0, 5), '--findings', dir]);
  expect(code).toBe(0);
  expect(stdout).toContain('No command, however wrong, ends QEMU by a signal.');
  expect(stdout).toMatch(/ 1 {2}mirror j0: src -> dst sync=full\n/);
  expect(stdout).toContain(join(dir, ids.crash, 'repro.sh'));
});

test('show --report is a bug report: title, versions, steps, expected, actual, stderr, QMP', async () => {
  const { dir, ids } = store();
  const { stdout } = await mirrorfuzz(['findings', 'show', ids.crash, '--report', '--findings', dir]);
  expect(stdout).toMatch(
    /^# blockdev-mirror on a missing node: assertion \\`s->target' fails in mirror_exit_common\n\nCrash\. Reachable by commands that QEMU must refuse\.\nShows: 7\.2\.22 3\/3\.\n/,
  );
  expect(stdout).toContain('| 7.2.22 | 7.2.22 | qemu-system-x86_64 | yes, 3 of 3 runs |');
  expect(stdout).toContain("mirror_exit_common: Assertion `s->target' failed.");
  expect(stdout).toContain('> There are two possible responses which the Server will issue');
  expect(stdout).toContain('docs/interop/qmp-spec.rst, Commands Responses, QEMU 10.0.');
  expect(stdout).toMatch(/\n>[^\n]*QEMU ended: SIGABRT \(unasked\)\n/);
  expect(stdout).toContain('{"execute": "blockdev-mirror", "arguments": {"job-id": "j0"');
  expect(stdout).toBe(readFileSync(join(dir, ids.crash, 'README.md'), 'utf8'));
});

test('export --as sh is the reproducer, and a file of it can be run', async () => {
  const { dir, ids } = store();
  const { stdout } = await mirrorfuzz(['findings', 'export', ids.crash, '--as', 'sh', '--findings', dir]);
  expect(stdout).toBe(readFileSync(join(dir, ids.crash, 'repro.sh'), 'utf8'));
  const file = join(temporaryDir(), 'a.sh');
  await mirrorfuzz(['findings', 'export', ids.crash, '--as', 'sh', '-o', file, '--findings', dir]);
  expect(statSync(file).mode & 0o111).toBe(0o111);
});

test('triage keeps a title and a cause that is verified, and the report shows both', async () => {
  const { dir, ids } = store();
  openFindings(dir).setAblation(ids.crash, ablated);
  const cause = [
    '--note',
    's->target is freed twice',
    '--shown-by',
    'without target',
    '--shown-by',
    'sync=none',
  ];
  const args = ['--title', 'mirror: the target is freed twice', ...cause];
  await mirrorfuzz(['findings', 'triage', ids.crash, ...args, '--findings', dir]);
  const { finding } = openFindings(dir).read(ids.crash);
  expect(finding).toMatchObject({ title: 'mirror: the target is freed twice', status: 'new' });
  openFindings(dir).record(crashFound({ steps: 1 }));
  const report = readFileSync(join(dir, ids.crash, 'README.md'), 'utf8');
  expect(report).toMatch(/^# mirror: the target is freed twice\n/);
  expect(report).toContain('## Cause (verified: without target; sync=none)\n\ns->target is freed twice\n');
});

const ablated: AblationTable = {
  label: '7.2.22',
  version: '7.2.22',
  flavour: 'system',
  whole: { ok: 10, of: 10 },
  rows: [
    { what: 'without target', ok: 0, of: 5 },
    { what: 'sync=none', ok: 0, of: 5 },
    { what: 'sync=full', ok: 5, of: 5 },
    { what: 'without device', ok: 0, of: 5, refused: "Parameter 'device' is missing" },
  ],
};

test('triage keeps status, note and link', async () => {
  const { dir, ids } = store();
  const args = ['--status', 'known', '--note', 'seen before', '--link', 'https://example.org/7'];
  const { code, stdout } = await mirrorfuzz(['findings', 'triage', ids.crash, ...args, '--findings', dir]);
  expect([code, stdout]).toEqual([0, `${ids.crash}: known\n`]);
  const shown = await mirrorfuzz(['findings', 'show', ids.crash, '--findings', dir]);
  expect(shown.stdout).toMatch(/status +known https:\/\/example\.org\/7\n +guess +seen before\n/);
});

test.each<[what: string, args: string[], complaint: RegExp]>([
  ['an id that there is not', ['show', 'zz'], /there is no finding "zz" in .*try: mirrorfuzz findings list/],
  ['an id that several have', ['show', ''], /there is no finding ""/],
  ['a form that there is not', ['export', 'a', '--as', 'cobol'], /Choices: "sh", "iotest", "qmp"/],
  ['no form', ['export', 'a'], /Missing required argument: as/],
  ['a status that there is not', ['triage', 'a', '--status', 'odd'], /Choices: "new", "confirmed"/],
  ['nothing to set', ['triage', 'a'], /nothing to set/],
  [
    'a title that is too long',
    ['triage', 'a', '--title', 'x'.repeat(101)],
    /--title takes 1 to 100 characters, this one has 101/,
  ],
  [
    'what shows a note, and none',
    ['triage', 'a', '--status', 'known', '--shown-by', 'x'],
    /--shown-by is about a note/,
  ],
  ['no subcommand', [], /findings needs a subcommand/],
])('%s: exit code 2 and one clear line', async (_what, args, complaint) => {
  const { dir } = store();
  const { code, stderr } = await mirrorfuzz([
    'findings',
    ...args,
    ...(args.length > 0 ? ['--findings', dir] : []),
  ]);
  expect(stderr).toMatch(complaint);
  expect(stderr).toMatch(/^mirrorfuzz: [^\n]+\n$/);
  expect(code).toBe(2);
});

function store() {
  const dir = join(temporaryDir(), 'findings');
  const findings = openFindings(dir);
  const leak = ruleNamed('leak/leftover');
  const left = findings.record(
    crashFound({
      rule: leak,
      signature: 'leak',
      violation: { rule: leak, at: asPlace(1), facts: leftBehind('node', 'dst') },
    }),
  ).id;
  const crash = findings.record(crashFound()).id;
  return { dir, ids: { crash, leak: left } };
}

test('join tells what another store has as a finding of this one; bad input is one line and exit code 2', async () => {
  const [{ dir, ids }, other] = [store(), join(temporaryDir(), 'other')];
  const { id } = openFindings(other).record(crashFound({ signature: 'crash/elsewhere' }));
  const joinIt = (...args: string[]) =>
    mirrorfuzz(['findings', 'join', ids.crash, ...args, '--findings', dir]);
  const { code, stdout } = await joinIt(join(other, id), '--json', '-');
  expect(code).toBe(0);
  const alsoBreaks = [{ rule: 'crash/signal', signature: 'crash/elsewhere', otherSteps: true }];
  expect(JSON.parse(stdout)).toMatchObject({ schema: 1, id: ids.crash, alsoBreaks });
  expect(openFindings(dir).read(ids.crash).finding).toMatchObject({ alsoBreaks });
  expect((await joinIt(join(other, id))).stdout).toBe(`crash/elsewhere: told as ${ids.crash}\n`);
  for (const bad of [join(other, 'nothing'), join(dir, ids.leak)]) {
    const refused = await joinIt(bad);
    expect(refused.stderr).toMatch(/^mirrorfuzz: [^\n]+\n$/);
    expect(refused.code).toBe(2);
  }
});
