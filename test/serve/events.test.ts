import { symlinkSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { news } from '../../src/serve/event-stream.ts';
import { limits } from '../../src/serve/limits.ts';
import type { Seen } from '../../src/serve/watch.ts';
import { temporaryDir } from '../target/temporary.ts';
import { putFinding, served, standInHunt } from './a-lab.ts';

test('a client first gets all there is, then a finding as soon as it is in the store, and numbers as they move', async () => {
  const { url, store } = await served();
  standInHunt(store);
  putFinding(store, '000000000001', 'the first');
  const { next } = await listen(url);
  const first = await next('findings');
  const all = first.changed.length === 1 ? first : await next('findings');
  expect(all).toMatchObject({ changed: [{ title: 'the first' }], order: ['000000000001'] });
  putFinding(store, '000000000002', 'the second');
  symlinkSync('000000000001', join(store, '000000000003'));
  const more = await next('findings');
  expect(more.changed.map(({ id }: { id: string }) => id)).toEqual(['000000000002']);
  expect(more.order).toHaveLength(2);
  const sequences = (now: { sources: { figures: string[][] }[] }): number =>
    Number(now.sources[0]?.figures.find(([name]) => name === 'sequences')?.[1] ?? 0);
  let before = 0;
  while (before === 0) before = sequences(await next('now'));
  let after = before;
  while (after === before) after = sequences(await next('now'));
  expect(after).toBeGreaterThan(before);
});

test('a store that is not there yet is empty, and a finding is shown as soon as it comes', async () => {
  const { url, store } = await served({ store: join(temporaryDir(), 'not', 'yet') });
  const { next } = await listen(url);
  expect((await next('now')).notes.join()).toContain('a hunt makes it');
  putFinding(store, '000000000001', 'the first');
  let found = await next('findings');
  while (found.order.length === 0) found = await next('findings');
  expect(found).toMatchObject({ changed: [{ title: 'the first' }] });
});

test('clients are counted: one more than may be is told to come later, and a place is free when one goes', async () => {
  const { url } = await served();
  const clients = await Promise.all(Array.from({ length: limits.clientsMax }, () => listen(url)));
  expect((await fetch(`${url}events`)).status).toBe(503);
  clients[0]?.leave();
  let status = 503;
  while (status === 503) {
    const answer = await fetch(`${url}events`);
    status = answer.status;
    await answer.body?.cancel();
  }
  expect(status).toBe(200);
});

test('what changed twice before a client took it is sent to it once, as it is now', () => {
  const had = { now: 0, coverage: 0, findings: 0, heads: new Map<string, number>() };
  expect(news(had, seen(1, [['a', 1]]))).toContain('"order":["a"]');
  expect(news(had, seen(1, [['a', 1]]))).toBe('');
  const text = news(
    had,
    seen(5, [
      ['a', 1],
      ['b', 4],
    ]),
  );
  expect(text.match(/^event: /gm)).toHaveLength(3);
  expect(text).toContain('{"changed":[{"id":"b"}],"order":["a","b"]}');
});

test('a client that takes nothing costs nothing: the others go on', async () => {
  const { url, store } = await served();
  for (let i = 0; i < 20; i++) putFinding(store, `${i}`.padStart(12, '0'), 'x'.repeat(20_000));
  const { port } = new URL(url);
  const stuck = createConnection(Number(port), '127.0.0.1').pause();
  onTestFinished(() => void stuck.destroy());
  stuck.write('GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n');
  standInHunt(store);
  const { next } = await listen(url);
  for (let i = 0; i < 3; i++) expect((await next('now')).at).toMatch(/^20/);
});

const seen = (revision: number, heads: [string, number][]): Seen =>
  ({
    now: { revision, text: '{}' },
    coverage: { revision, text: '[]' },
    findings: { revision, heads: heads.map(([id, at]) => ({ revision: at, head: { id } })) },
  }) as unknown as Seen;

/** `next` waits for an event of that name; those of other names are passed over. */
async function listen(url: string) {
  const abort = new AbortController();
  onTestFinished(() => abort.abort());
  const answer = await fetch(`${url}events`, { signal: abort.signal });
  expect(answer.headers.get('content-type')).toBe('text/event-stream');
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  let text = '';
  return {
    leave: () => abort.abort(),
    async next(name: string) {
      for (;;) {
        const end = text.indexOf('\n\n');
        if (end < 0) {
          const { value, done } = await reader.read();
          if (done) throw new Error('the stream has ended');
          text += decoder.decode(value, { stream: true });
          continue;
        }
        const [head = '', data = ''] = text.slice(0, end).split('\n');
        text = text.slice(end + 2);
        if (head === `event: ${name}`) return JSON.parse(data.slice('data: '.length));
      }
    },
  };
}
