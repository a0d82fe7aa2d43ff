import { join } from 'node:path';
import { expect, test } from 'vitest';
import { iotestText } from '../../src/findings/export/iotest.ts';
import { caseOf } from '../../src/findings/repro/in-current-qmp.ts';
import { openFindings } from '../../src/findings/store.ts';

const store = openFindings(join(import.meta.dirname, '../../findings'));

function iotestOf(id: string): string {
  const { finding, trace } = store.read(id);
  return iotestText(caseOf(finding, trace()));
}

test('requests that were in flight together stay so', () => {
  const text = iotestOf('ab89');
  expect(text).toMatch(
    /guests\['src'\]\.cmd\('aio_write [^\n]*\n(?:\s*#[^\n]*|\s*)*\n\s*guests\['src'\]\.cmd\('aio_write /,
  );
  expect(text).not.toContain('-c aio_write');
});

test('a job that stands still is looked at before anything could set it going', () => {
  const text = iotestOf('c32d');
  expect(text).toMatch(/resumes\(vm, 'j0'\)\n\s*vm\.shutdown\(\)/);
  expect(text).not.toMatch(/vm\.qmp\('(?:job|block-job)-(?:cancel|set-speed)'/);
});

test('what a guest reads wrong is read by another client right after its step, with the byte that is due', () => {
  const text = iotestOf('b603');
  expect(text).not.toContain('notrun');
  expect(text).toMatch(
    /5\. guest read [^\n]*\n[^\n]*\n\s*found = run\('qemu-io -f raw -c \\'read -P 161 0 1048576\\'[^\n]*\n\s*assert 'Pattern verification failed' not in found/,
  );
});

test('a crash is an exit code, also where it comes a moment after the last answer', () => {
  expect(iotestOf('ff3c')).toMatch(
    /time\.sleep\(1\)[^\n]*\n\s*vm\.shutdown\(\)\n\s*assert vm\.exitcode\(\) == 0/,
  );
});
