import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openJournal } from '../../src/lab/journal.ts';
import { limits } from '../../src/lab/limits.ts';

let dir: string;
let file: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mf-journal-'));
  file = join(dir, '.lab', 'j.jsonl');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('what was added is found by whoever opens it next, without being closed', () => {
  const { journal, add } = counting();
  expect(journal.found).toEqual({ state: undefined, entries: [] });
  for (const each of [1, 2, 3]) add(each);
  expect(sumFound()).toBe(6);
  journal.close();
});

test('a last line that was cut short is not there; those before it are', () => {
  const { journal, add } = counting();
  for (const each of [1, 2]) add(each);
  journal.close();
  appendFileSync(file, '{"entry":{"add":4');
  expect(sumFound()).toBe(3);
});

test('an entry after a line that was cut short is found', () => {
  const first = counting();
  first.add(1);
  first.journal.close();
  appendFileSync(file, '{"entry":{"add":4');
  const second = counting();
  second.add(2);
  second.journal.close();
  expect(sumFound()).toBe(3);
});

test('it stays as short as its state', () => {
  const { journal, add } = counting();
  const long = 'x'.repeat(limits.journalBytesMax / 8);
  let most = 0;
  for (let i = 0; i < 24; i++) {
    add(1, long);
    most = Math.max(most, statSync(file).size);
  }
  journal.close();
  expect(sumFound()).toBe(24);
  expect(most).toBeLessThan(1.5 * limits.journalBytesMax);
});

test('removed it is gone, and where it can’t be written it says so in one line', () => {
  const { journal, add } = counting();
  add(1);
  journal.remove();
  expect(existsSync(file)).toBe(false);
  rmSync(join(dir, '.lab'), { recursive: true });
  writeFileSync(join(dir, '.lab'), 'no directory');
  expect(() => counting().add(1)).toThrow(/the campaign's journal .* can't be written/);
  expect(readFileSync(join(dir, '.lab'), 'utf8')).toBe('no directory');
});

/** Sums up what is added, as a coordinator does. */
function counting() {
  let sum = 0;
  const journal = openJournal<number, { add: number; with?: string }>(file, () => sum);
  sum = found(journal);
  return {
    journal,
    add(value: number, text?: string) {
      sum += value;
      journal.add({ add: value, ...(text === undefined ? {} : { with: text }) });
    },
  };
}

const found = ({ found: { state = 0, entries } }: ReturnType<typeof openJournal<number, { add: number }>>) =>
  entries.reduce((all, { add }) => all + add, state);

const sumFound = (): number => found(openJournal<number, { add: number }>(file, () => 0));
