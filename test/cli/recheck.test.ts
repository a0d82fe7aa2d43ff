import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openFindings } from '../../src/findings/store.ts';
import { oneQemu } from '../real/qemus.ts';
import { temporaryDir } from '../target/temporary.ts';
import { mirrorfuzz } from './mirrorfuzz.ts';
import { storeFinding } from './stored-finding.ts';

const qemu = oneQemu();
const hasQemu = qemu !== undefined;
const on = ['--qemu', `${qemu?.version}`, '--flavour', 'daemon'];

test.runIf(hasQemu)(
  'a store is rechecked: a line a program, exit code 1, and nothing is written',
  async () => {
    const dir = temporaryDir();
    const id = storeFinding(dir);
    const file = join(dir, id, 'finding.json');
    const before = readFileSync(file, 'utf8');
    const json = join(dir, 'out.json');
    const { code, stdout } = await mirrorfuzz([
      ...['findings', 'recheck', '--findings', dir, ...on, '--json', json],
    ]);
    expect(stdout).toMatch(
      new RegExp(`^${id}  \\S+ daemon +10/10\n1 finding, 1 of them still to be seen; 0 changes\n$`),
    );
    expect(code).toBe(1);
    expect(JSON.parse(readFileSync(json, 'utf8'))).toMatchObject({
      verdict: 'fail',
      findings: [{ id, qemu: [{ flavour: 'daemon', outcome: 'shows', ok: 10, of: 10, changed: false }] }],
    });
    expect(readFileSync(file, 'utf8')).toBe(before);
  },
);

test.runIf(hasQemu)(
  'with --record the finding says what breaks instead, and no finding shows: exit code 0',
  async () => {
    const dir = temporaryDir();
    const id = storeFinding(dir, { signature: 'claim/reply: something else' });
    const { code, stdout } = await mirrorfuzz(['findings', 'recheck', '--findings', dir, ...on, '--record']);
    expect(stdout).toMatch(/fails otherwise: claim\/reply: query-version: success \(10 of 10 runs\)/);
    expect(code).toBe(0);
    const { affected } = openFindings(dir).read(id).finding;
    expect(affected.find(({ label }) => label === qemu?.label)).toMatchObject({
      outcome: 'fails-otherwise',
      how: 'claim/reply: query-version: success (10 of 10 runs)',
    });
  },
);

test('an empty store is no failure', async () => {
  const { code, stdout } = await mirrorfuzz(['findings', 'recheck', '--findings', temporaryDir()]);
  expect(stdout).toMatch(/^no findings in /);
  expect(code).toBe(0);
});
