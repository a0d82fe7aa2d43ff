import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { reproScript } from '../../src/findings/repro/script.ts';
import { openFindings } from '../../src/findings/store.ts';

const store = openFindings(join(import.meta.dirname, '../../findings'));
const { finding, trace } = store.read('1ecf43cb0268');
const script = reproScript(finding, trace());
const verdict = script.split('\n').find((line) => line.startsWith('[[ $reply =~')) ?? 'exit 2';

const stored = '"image": {"bitmaps": [{"flags": ["auto"], "name": "a", "granularity": 65536}]}';
test.each([
  ['stored in the image only', `{${stored}}`, 'shows\n'],
  ['of another name', `{${stored}, "dirty-bitmaps": [{"name": "b", "recording": true}]}`, 'shows\n'],
  ['of the node', `{${stored}, "dirty-bitmaps": [{"name": "a", "recording": true, "count": 0}]}`, ''],
  ['of the node, as another version lists it', '{"dirty-bitmaps": [{"recording": true, "name": "a"}]}', ''],
])('a script that misses a bitmap: one %s', (_which, reply, stdout) => {
  const ran = spawnSync('bash', ['-c', `shows() { echo shows; }\n${verdict}`], {
    encoding: 'utf8',
    env: { ...process.env, reply },
  });
  expect(ran).toMatchObject({ stdout, stderr: '' });
});
