import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EnvironmentError, UsageError } from '../../src/errors.ts';
import { parseFinding } from '../../src/findings/finding.ts';
import { openFindings } from '../../src/findings/store.ts';
import { temporaryDir } from '../target/temporary.ts';
import { crashFound, mirrorStep, ruleNamed, sequenceOf } from './found.ts';

const store = () => openFindings(join(temporaryDir(), 'findings'));

test('a finding is a directory with the files of the contract, and repro.sh can be run', () => {
  const findings = store();
  const { id, isNew } = findings.record(crashFound());
  expect(isNew).toBe(true);
  expect(readdirSync(join(findings.dir, id)).sort()).toEqual([
    'README.md',
    'finding.json',
    'original.json',
    'repro.sh',
    'sequence.json',
    'trace.jsonl',
  ]);
  expect(statSync(join(findings.dir, id, 'repro.sh')).mode & 0o777).toBe(0o755);
});

test('what is recorded is read back: by its id, by the beginning of it, with sequence and trace', () => {
  const findings = store();
  const found = crashFound();
  const { id } = findings.record(found);
  const stored = findings.read(id.slice(0, 4));
  expect(stored.finding).toMatchObject({
    id,
    kind: 'crash',
    rule: 'crash/signal',
    status: 'new',
    known: false,
    count: 1,
    steps: 3,
    seeds: ['7'],
    qemu: ['7.2.22'],
    affected: [{ label: '7.2.22', version: '7.2.22', flavour: 'system', ok: 3, of: 3 }],
  });
  expect(stored.sequence()).toEqual(found.sequence);
  expect(stored.trace()).toEqual(found.trace);
});

test('the same signature is the same finding: it is counted, with its seed and its QEMU', () => {
  const findings = store();
  const { id } = findings.record(crashFound());
  const again = findings.record(
    crashFound({
      seed: '8',
      reproduced: { ok: 1, of: 4 },
      qemu: { label: 'debian:sid', version: '11.1.3', path: '/q', flavour: 'daemon' },
    }),
  );
  expect(again).toEqual({ id, isNew: false, joined: [] });
  const { finding } = findings.read(id);
  expect(finding).toMatchObject({ count: 2, seeds: ['7', '8'], qemu: ['7.2.22', 'debian:sid'], steps: 3 });
  expect(finding.affected.map(({ label, ok, of }) => `${label} ${ok}/${of}`)).toEqual([
    '7.2.22 3/3',
    'debian:sid 1/4',
  ]);
  expect(finding.reproduced).toEqual({ ok: 3, of: 3 });
});

test('a QEMU that does not show it is listed, and not among those affected', () => {
  const findings = store();
  const sound = { label: 'debian:trixie', version: '10.0.13', flavour: 'system', ok: 0, of: 5 } as const;
  const { id } = findings.record(crashFound({ affected: [sound] }));
  const { finding } = findings.read(id);
  expect(finding.qemu).toEqual(['7.2.22']);
  expect(finding.affected).toContainEqual(sound);
});

test('a shorter sequence takes the place of the longer one, with its trace', () => {
  const findings = store();
  const { id } = findings.record(crashFound({ steps: 5 }));
  const shorter = crashFound({ steps: 2, reproduced: { ok: 4, of: 5 } });
  findings.record(shorter);
  const stored = findings.read(id);
  expect(stored.finding).toMatchObject({ steps: 2, reproduced: { ok: 4, of: 5 }, count: 2 });
  expect(stored.sequence()).toEqual(shorter.sequence);
  expect(stored.trace()).toEqual(shorter.trace);
});

test.each([
  ['a longer sequence', crashFound({ steps: 9 })],
  ['a shorter one that did not show it again', crashFound({ steps: 1, reproduced: { ok: 0, of: 5 } })],
])('%s does not take the place of the known one', (_what, later) => {
  const findings = store();
  const { id } = findings.record(crashFound({ steps: 4 }));
  findings.record(later);
  expect(findings.read(id).finding.steps).toBe(4);
  expect(findings.read(id).sequence().steps).toHaveLength(4);
});

test('triage sets the status, keeps a note and collects links', () => {
  const findings = store();
  const { id } = findings.record(crashFound());
  findings.triage(id, {
    status: 'confirmed',
    note: { text: 'seen by hand', is: 'guess' as const },
    link: 'https://example.org/1',
  });
  findings.triage(id, { status: 'known', link: 'https://example.org/2' });
  expect(findings.read(id).finding).toMatchObject({
    status: 'known',
    known: true,
    note: { text: 'seen by hand', is: 'guess' as const },
    links: ['https://example.org/1', 'https://example.org/2'],
  });
  findings.record(crashFound());
  expect(findings.read(id).finding.status).toBe('known');
});

test('the list has the most serious first', () => {
  const findings = store();
  const leak = ruleNamed('leak/leftover');
  const claim = ruleNamed('claim/reply');
  findings.record(crashFound({ rule: claim, signature: 'c' }));
  findings.record(crashFound({ rule: leak, signature: 'b', sequence: sequenceOf({ qmp: 'query-jobs' }) }));
  findings.record(crashFound({ signature: 'a' }));
  expect(findings.list().findings.map(({ kind }) => kind)).toEqual(['crash', 'leak', 'validation']);
});

test('a store that is not there is an empty one', () => {
  expect(openFindings(join(temporaryDir(), 'none')).list()).toEqual({ findings: [], complaints: [] });
});

test('an id that none or several have is a UsageError that says so', () => {
  const findings = store();
  const { id } = findings.record(crashFound());
  const twin = join(findings.dir, id.slice(0, 3) + (id[3] === '0' ? '1' : '0') + id.slice(4));
  mkdirSync(twin);
  expect(() => findings.read('zzz')).toThrow(/there is no finding "zzz"/);
  expect(() => findings.read('')).toThrow(UsageError);
  expect(() => findings.read(id.slice(0, 3))).toThrow(/2 findings begin with/);
});

test('a damaged finding.json is one line with file and field, and the others are listed', () => {
  const findings = store();
  const { id } = findings.record(crashFound({ signature: 'a' }));
  const { id: other } = findings.record(crashFound({ signature: 'b' }));
  const file = join(findings.dir, id, 'finding.json');
  writeFileSync(file, readFileSync(file, 'utf8').replace('"status": "new"', '"status": "odd"'));
  const { findings: listed, complaints } = findings.list();
  expect(listed.map((each) => each.id)).toEqual([other]);
  expect(complaints).toEqual([expect.stringMatching(/finding\.json: status: .*"new"/)]);
});

test.each([
  ['', /not JSON/],
  ['[]', /the file: /],
  ['{"schema": 3}', /schema: /],
])('finding.json of %j is refused', (text, complaint) => {
  expect(() => parseFinding(text, 'finding.json')).toThrow(complaint);
});

test('what a killed writer left is no finding, and gone when the store is opened next', () => {
  const findings = store();
  findings.record(crashFound());
  mkdirSync(join(findings.dir, '.new-0123456789ab'));
  writeFileSync(join(findings.dir, '.new-0123456789ab', 'finding.json'), '{"schema": 1,');
  writeFileSync(join(findings.dir, '.new-0123456789ab-finding.json'), '{');
  expect(findings.list()).toMatchObject({ findings: [{}], complaints: [] });
  openFindings(findings.dir);
  expect(readdirSync(findings.dir).filter((name) => name.startsWith('.new'))).toEqual([]);
});

test('the sequence on disk is one that can be run', () => {
  const findings = store();
  const hostile = sequenceOf(mirrorStep, { raw: [{ base64: '/w==' }] });
  const { id } = findings.record(crashFound({ sequence: hostile }));
  expect(findings.read(id).sequence()).toEqual(hostile);
});

test('where nothing can be written, an EnvironmentError says where and why', () => {
  const file = join(temporaryDir(), 'a-file');
  const findings = openFindings(join(file, 'findings'));
  writeFileSync(file, '');
  expect(() => findings.record(crashFound())).toThrow(EnvironmentError);
  expect(() => findings.record(crashFound())).toThrow(/can't write to .*ENOTDIR/);
  chmodSync(file, 0o600);
  expect(existsSync(join(file, 'findings'))).toBe(false);
});

test.each(['sequence.json', 'trace.jsonl'])(
  'a finding whose %s is spoilt hinders no other; the file is set aside, and what is met next takes its place',
  (name) => {
    const dir = temporaryDir();
    const { id } = openFindings(dir).record(crashFound({ steps: 3 }));
    openFindings(dir).triage(id, { status: 'known', note: { text: 'seen by hand', is: 'guess' as const } });
    writeFileSync(join(dir, id, name), '<<<<<<< ours\n');
    const store = openFindings(dir);
    const again = store.record(crashFound({ steps: 4 }));
    expect(again).toMatchObject({ id, isNew: false, spoilt: expect.stringContaining(`${name}.spoilt`) });
    expect(store.read(id).sequence().steps).toHaveLength(4);
    expect(store.read(id).trace().at(-1)?.kind).toBe('exit');
    expect(store.read(id).finding.note?.text).toBe('seen by hand');
    expect(readFileSync(join(dir, id, `${name}.spoilt`), 'utf8')).toContain('<<<<<<<');
  },
);

test('a finding whose finding.json holds a merge marker is set aside whole and recorded anew, twice, too', () => {
  const dir = temporaryDir();
  for (const aside of ['.spoilt', '.spoilt-2']) {
    const store = openFindings(dir);
    const { id } = store.record(crashFound());
    writeFileSync(join(dir, id, 'finding.json'), `<<<<<<< ours ${aside}\n`);
    const again = store.record(crashFound());
    expect(again.isNew).toBe(true);
    expect(again.spoilt).toMatch(new RegExp(`finding\\.json: not JSON.*kept as ${id}${aside}$`));
    expect(store.list()).toMatchObject({ findings: [{ id, count: 1 }], complaints: [] });
    expect(readFileSync(join(dir, `${id}${aside}`, 'finding.json'), 'utf8')).toContain(aside);
  }
});

test('a finding of several that a spoilt one might be joined with is recorded all the same', () => {
  const dir = temporaryDir();
  const store = openFindings(dir);
  const both = { sequence: sequenceOf(mirrorStep), executions: 9 };
  const leak = { ...both, rule: ruleNamed('leak/leftover'), signature: 'leak/x', beside: ['crash/x'] };
  const { id } = store.record(crashFound(leak));
  writeFileSync(join(dir, id, 'trace.jsonl'), 'no line of JSON');
  const crash = store.record(crashFound({ ...both, signature: 'crash/x', beside: ['leak/x'] }));
  expect(crash.isNew).toBe(true);
  expect(store.read(crash.id).finding.id).toBe(crash.id);
});

test('files that were all written when their writer was killed become those of the finding', () => {
  const dir = temporaryDir();
  const { id } = openFindings(dir).record(crashFound({ steps: 9 }));
  const better = temporaryDir();
  openFindings(better).record(crashFound({ steps: 9 }));
  openFindings(better).record(crashFound({ steps: 2 }));
  renameSync(join(better, id), join(dir, `.ready-${id}`));
  const store = openFindings(dir);
  expect(store.read(id).finding.steps).toBe(2);
  expect(store.read(id).sequence().steps).toHaveLength(2);
  expect(readdirSync(dir).filter((name) => name.startsWith('.ready'))).toEqual([]);
});

test('a store that is a file is refused, by all that read it', () => {
  const file = join(temporaryDir(), 'a-file');
  writeFileSync(file, '');
  expect(() => openFindings(file)).toThrow(UsageError);
  expect(() => openFindings(file)).toThrow(/--findings .*a-file: is not a directory/);
});
