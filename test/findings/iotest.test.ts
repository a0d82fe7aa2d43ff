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

test('a crash is an exit code, also where it comes a moment after the last answer', () => {
  expect(iotestOf('ff3c')).toMatch(
    /time\.sleep\(1\)[^\n]*\n\s*vm\.shutdown\(\)\n\s*assert vm\.exitcode\(\) == 0/,
  );
});
