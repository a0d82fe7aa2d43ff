import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { EnvironmentError } from '../../src/errors.ts';
import { openTraceFile } from '../../src/execute/trace-file.ts';
import { temporaryDir } from '../target/temporary.ts';

test('what was seen stands in the file without being closed, in order, and all of it once closed', async () => {
  const path = join(temporaryDir(), 'a.jsonl');
  const file = openTraceFile(path);
  for (let us = 0; us < 3; us++) file.sink({ us, kind: 'disconnect' });
  await vi.waitFor(() => expect(lines(path)).toEqual([0, 1, 2]));
  file.sink({ us: 3, kind: 'disconnect' });
  file.close();
  expect(lines(path)).toEqual([0, 1, 2, 3]);
});

test('a file that can’t be made is told at once', () => {
  const path = join(temporaryDir(), 'no', 'a.jsonl');
  expect(() => openTraceFile(path)).toThrow(EnvironmentError);
});

test('a full disk never throws into what is traced, and comes out when the file is closed', async () => {
  const file = openTraceFile('/dev/full');
  file.sink({ us: 0, kind: 'disconnect' });
  await nextTurn();
  await nextTurn();
  file.sink({ us: 1, kind: 'disconnect' });
  expect(() => file.close()).toThrow(/^no space left for the trace \/dev\/full$/);
});

const lines = (path: string): number[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line).us);
