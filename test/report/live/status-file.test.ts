import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { idsIn } from '../../../src/findings/list.ts';
import {
  keepStatusFile,
  listStatusFiles,
  liveDir,
  readStatusFile,
} from '../../../src/report/live/status-file.ts';
import { temporaryDir } from '../../target/temporary.ts';
import { statusOf } from './status-of.ts';

test('a status file is there at once and whole, says when the hunt has ended, and is no finding', () => {
  const store = join(temporaryDir(), 'findings');
  let sequences = 1;
  const { end } = keepStatusFile(store, (state) => statusOf({ state, sequences }));
  const [listed] = listStatusFiles(store);
  expect(readStatusFile(listed?.file ?? '')).toEqual(statusOf({ state: 'hunting', sequences: 1 }));
  sequences = 2;
  end();
  const [ended] = listStatusFiles(store);
  expect(ended?.stamp).not.toBe(listed?.stamp);
  expect(readStatusFile(ended?.file ?? '')).toEqual(statusOf({ state: 'ended', sequences: 2 }));
  expect(readdirSync(join(store, liveDir))).toHaveLength(1);
  expect(idsIn(store)).toEqual([]);
});

test('what hunts left that are over for long goes when another one begins; what is of today stays', () => {
  const store = temporaryDir();
  const dir = join(store, liveDir);
  mkdirSync(dir);
  const old = ['a-1-1.json', '.a-1-1.json'];
  for (const name of [...old, 'b-2-2.json']) writeFileSync(join(dir, name), '{}');
  for (const name of old) utimesSync(join(dir, name), 1e9, 1e9);
  keepStatusFile(store, (state) => statusOf({ state })).end();
  expect(readdirSync(dir).sort()).toEqual(['b-2-2.json', 'lab-7-1767225600000.json']);
});

test('a hunt goes on where its status can not be written', () => {
  const file = join(temporaryDir(), 'findings');
  writeFileSync(file, 'no directory');
  keepStatusFile(file, (state) => statusOf({ state })).end();
  expect(readFileSync(file, 'utf8')).toBe('no directory');
  expect(listStatusFiles(file)).toEqual([]);
});

test('what is no status is refused by file and field', () => {
  const file = join(temporaryDir(), 'x.json');
  writeFileSync(file, JSON.stringify({ ...statusOf({}), workers: [{ doing: 3 }] }));
  expect(() => readStatusFile(file)).toThrow(/x\.json: workers\.0\.doing: /);
  writeFileSync(file, '{"schema": 1');
  expect(() => readStatusFile(file)).toThrow(/x\.json: is no JSON/);
});
