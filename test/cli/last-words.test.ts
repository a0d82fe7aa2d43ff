import { expect, test } from 'vitest';
import { lastWords } from '../../src/cli/last-words.ts';
import { EnvironmentError, UsageError } from '../../src/errors.ts';

test('each kind of error has its exit code, and a bisection skips what it could not try', () => {
  const code = (error: Error, bisecting = false) => lastWords(error, bisecting).code;
  expect([code(new UsageError('a')), code(new EnvironmentError('a')), code(new Error('a'))]).toEqual([
    2, 3, 3,
  ]);
  expect(code(new UsageError('a'), true)).toBe(125);
});

test('a wrong use is one line with what mends it, escaped; a mistake of ours comes with its stack', () => {
  expect(lastWords(new UsageError('a\u001b[1m\n b', 'c'), false).text).toBe(
    'mirrorfuzz: a\\x1b[1m b (try: c)\n',
  );
  expect(lastWords(new Error('oops'), false).text).toMatch(/^mirrorfuzz: Error: oops\n +at /);
});
