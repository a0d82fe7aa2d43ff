import { expect, test } from 'vitest';
import { parseQueueUrl } from '../../src/lab/queue-url.ts';

test('host, port, database, user and password are taken from the URL, and the password is in nothing that is printed', () => {
  const url = parseQueueUrl('rediss://lab:s%3Acret@redis.example:6380/3?prefix=night', {});
  expect(url.connect).toEqual({
    host: 'redis.example',
    port: 6380,
    tls: { servername: 'redis.example' },
    username: 'lab',
    password: 's:cret',
    db: 3,
  });
  expect(url.prefix).toBe('night');
  expect(url.shown).toBe('rediss://lab:…@redis.example:6380/3 prefix night');
});

test('a password may come from the environment, which ps does not show', () => {
  const url = parseQueueUrl('redis://h', { MIRRORFUZZ_QUEUE_PASSWORD: 'secret' });
  expect(url.connect).toEqual({ host: 'h', port: 6379, password: 'secret', db: 0 });
  expect(url.shown).toBe('redis://h');
});

test('a unix socket is a path, with the database as a parameter', () => {
  const url = parseQueueUrl('unix:///run/redis%20a.sock?db=2', {});
  expect(url.connect).toEqual({ path: '/run/redis a.sock', db: 2 });
});

test.each([
  'http://h',
  'redis://',
  'redis://h/x',
  'redis://h?prefix=a:b',
  'redis://u:secret@h?nonsense=1',
  'redis://u:secret%zz@h',
  'unix://',
])('%s is refused in one line that does not repeat it', (text) => {
  expect(() => parseQueueUrl(text, {})).toThrow(/^--queue: /);
  try {
    parseQueueUrl(text, {});
  } catch (error) {
    expect((error as Error).message).not.toContain('secret');
  }
});
