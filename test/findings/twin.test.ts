import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Finding, parseFinding } from '../../src/findings/finding.ts';
import { openFindings } from '../../src/findings/store.ts';
import { storedAs } from '../../src/findings/stored-as.ts';
import { withTwin } from '../../src/findings/twin.ts';
import { temporaryDir } from '../target/temporary.ts';
import { crashFound } from './found.ts';

const nobody = () => undefined;

test('its signature, and what it breaks itself, are told as this finding; what was measured stays', () => {
  const also = { rule: 'leak/leftover', signature: 'leak/x', text: 'a node' };
  const [finding, twin] = [stored('crash/a'), { ...stored('crash/b'), alsoBreaks: [also] }];
  const { alsoBreaks, ...rest } = withTwin(finding, twin, nobody);
  expect(alsoBreaks).toEqual([
    { rule: 'crash/signal', signature: 'crash/b', text: twin.violation.text, otherSteps: true },
    { ...also, otherSteps: true },
  ]);
  expect(rest).toEqual(finding);
});

test('a store tells it so, and the report says that it takes other steps', () => {
  const dir = temporaryDir();
  const { id } = openFindings(dir).record(crashFound({ signature: 'crash/a' }));
  const twin = stored('crash/b');
  const finding = openFindings(dir).join(id, twin);
  expect(storedAs(dir)('crash/b')?.id).toBe(id);
  expect(readFileSync(join(dir, id, 'README.md'), 'utf8')).toContain(
    'By other steps the same defect breaks `crash/signal`: ',
  );
  expect(parseFinding(readFileSync(join(dir, id, 'finding.json'), 'utf8'), 'it')).toEqual(finding);
  expect(openFindings(dir).join(id, twin)).toEqual(finding);
  expect(openFindings(dir).record(crashFound({ signature: 'crash/b' }))).toMatchObject({ id, isNew: false });
});

test('what the store has as another finding is refused, and so is what debuggers saw elsewhere', () => {
  const dir = temporaryDir();
  const store = openFindings(dir);
  const [a, b] = ['crash/a', 'crash/b'].map((signature) => store.record(crashFound({ signature })).id);
  expect(() => store.join(a as string, stored('crash/b'))).toThrow(`"crash/b" is known as finding ${b}`);
  const [here, there] = ['bitmap_clear', 'commit_abort'].map((name) => ({
    ...stored(`crash/SIGSEGV in ${name}`),
    stacks: [faultIn(name)],
  })) as [Finding, Finding];
  expect(() => withTwin(here, there, nobody)).toThrow('two defects: debuggers saw two places');
  expect(withTwin(here, { ...there, stacks: here.stacks }, nobody).alsoBreaks).toHaveLength(1);
});

function stored(signature: string): Finding {
  const store = openFindings(temporaryDir());
  return store.read(store.record(crashFound({ signature })).id).finding;
}

const faultIn = (name: string) => ({
  by: 'gdb' as const,
  is: 'fault' as const,
  said: 'SIGSEGV',
  qemu: { label: '7.2.22', version: '7.2.22', flavour: 'system' as const },
  parts: [{ of: 'died' as const, frames: [{ function: name }, { function: 'job_abort' }] }],
});
