import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { oneQemu } from '../real/qemus.ts';
import { temporaryDir } from '../target/temporary.ts';
import { inProcess } from './in-process.ts';
import { mirrorfuzz } from './mirrorfuzz.ts';
import { sequenceFile, sound } from './sequence-files.ts';

const hasQemu = oneQemu() !== undefined;

test('a sequence is added once, under a name of its content', async () => {
  const corpus = join(temporaryDir(), 'corpus');
  const file = sequenceFile(temporaryDir(), 'sound', sound);
  const first = await inProcess(['corpus', 'add', file, '--corpus', corpus]);
  expect(first).toMatchObject({ code: 0, stdout: expect.stringMatching(/^added /) });
  const again = await inProcess(['corpus', 'add', file, '--corpus', corpus]);
  expect(again.stdout).toMatch(/^there already /);
  expect(readdirSync(corpus)).toHaveLength(1);
  const list = await inProcess(['corpus', 'list', '--corpus', corpus]);
  expect(list.stdout).toMatch(/ 2 steps {2}sound$/m);
  const stats = await inProcess(['corpus', 'stats', '--corpus', corpus]);
  expect(stats.stdout).toMatch(/^1 sequences, 0 of them kept by hunts/);
});

test.runIf(hasQemu)(
  'of what hunts kept, what shows nothing of its own is removed; what people wrote stays',
  async () => {
    const corpus = temporaryDir();
    // Without a job: what a job shows, down to the counts of its trace points, is never quite the same twice.
    const asking = { ...sound, steps: [{ qmp: 'query-block-jobs' }], after: [] };
    const written = sequenceFile(corpus, 'written', asking);
    mkdirSync(join(corpus, 'hunt', '7.2'), { recursive: true });
    const kept = sequenceFile(join(corpus, 'hunt', '7.2'), 'kept', asking);
    const told = await mirrorfuzz(['corpus', 'minimize', '--corpus', corpus, '--flavour', 'daemon']);
    expect(told.stdout).toContain(`spare  ${kept}`);
    expect(existsSync(kept)).toBe(true);
    await mirrorfuzz(['corpus', 'minimize', '--remove', '--corpus', corpus, '--flavour', 'daemon']);
    expect([existsSync(written), existsSync(kept)]).toEqual([true, false]);
  },
);

test('a corpus that is not there is answered by one line', async () => {
  const { code, stderr } = await inProcess(['corpus', 'list', '--corpus', '/no/such/place']);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^mirrorfuzz: --corpus \/no\/such\/place: no such directory/);
});
