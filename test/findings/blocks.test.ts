import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { blockIn } from '../../src/findings/bug-report/block.ts';
import { openFindings } from '../../src/findings/store.ts';
import { writeBinDir } from '../../src/target/programs/bin-dir.ts';
import { oneQemu } from '../real/qemus.ts';

/*
 * The blocks of committed reports, cut from README.md and run by bash alone, on one QEMU. Those whose defect shows, or does
 * not, every time, and hangs not at all: scripts/blocks.ts runs the others, too, which takes minutes.
 */
const store = openFindings(join(import.meta.dirname, '../../findings'));
const qemu = oneQemu();

/** It takes an NBD client without structured replies, which qemu-io is not. */
const beyondBash = ['bca338f5dfd2'];

describe.runIf(qemu?.version.startsWith('7.2.') && qemu.system && qemu.daemon)('on QEMU 7.2', () => {
  if (!qemu) return;
  const bin = writeBinDir(qemu, mkdtempSync(join(tmpdir(), 'mf-test-')));
  afterAll(() => rmSync(bin, { recursive: true, force: true }));

  const { findings } = store.list();
  const rated = findings.flatMap(({ id, kind, flavour, affected }) => {
    const row = affected.find((each) => each.version.startsWith('7.2.') && each.flavour === flavour);
    return kind === 'hang' || row === undefined ? [] : [{ id, ...row }];
  });
  const shown = rated.filter(({ id, ok, of }) => of >= 3 && ok === of && !beyondBash.includes(id));

  test.each(shown.map(({ id }) => id))('the block of %s shows the defect', (id) => {
    // A use after free may die in another way, which the block can't tell from another defect.
    const runs = [1, 2, 3].values().map(() => ranBlock(id));
    expect(runs.find(({ status }) => status === 1)).toMatchObject({
      stdout: expect.stringMatching(/^expected: .*\nthe defect shows: /),
      stderr: '',
    });
  });

  test.each(beyondBash)('the report of %s says that its block does not show it', (id) => {
    const [, second] = readFileSync(join(store.dir, id, 'README.md'), 'utf8').split('\n');
    expect(second).toMatch(/^The block below did not show it in \d+ runs on QEMU /);
  });

  test.each(['43b8394f0fe2', '6081106ad557'])('the block of %s does not: this QEMU is well', (id) => {
    expect(ranBlock(id)).toMatchObject({ status: 0, stdout: 'the defect does not show\n', stderr: '' });
  });

  function ranBlock(id: string) {
    const block = blockIn(readFileSync(join(store.dir, id, 'README.md'), 'utf8'));
    if (block === undefined) throw new Error(`the report of ${id} has no block`);
    const env = { PATH: `${bin}:${process.env.PATH}` };
    return spawnSync('bash', { input: block, encoding: 'utf8', env });
  }
});

test('half of the scripts are shorter than 60 lines, and half of the ten simplest shorter than 40', () => {
  const lengths = store
    .list()
    .findings.map(({ id }) => readFileSync(join(store.dir, id, 'repro.sh'), 'utf8').split('\n').length - 1)
    .sort((a, b) => a - b);
  expect(lengths[lengths.length >> 1]).toBeLessThan(60);
  expect(lengths[5]).toBeLessThan(40);
});
