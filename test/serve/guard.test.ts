import { request } from 'node:http';
import { expect, test } from 'vitest';
import { putFinding, served } from './a-lab.ts';

const token = 'a-token-of-tests-1234';
const bearer = { authorization: `Bearer ${token}` };

test('without a token everything but the way to show one is refused, and cookies of others are', async () => {
  const { url } = await served({ token });
  for (const path of ['', 'events', 'metrics', 'findings/cf1ac77f89df', 'session', 'nowhere'])
    for (const headers of [
      {},
      { authorization: `Bearer ${token}x` },
      { authorization: `Basic ${token}` },
      { cookie: `mirrorfuzz-${new URL(url).port}=${token}` },
    ])
      expect((await fetch(url + path, { headers })).status, path).toBe(401);
  expect((await fetch(`${url}?token=${token}`)).status).toBe(401);
  expect((await fetch(url, { headers: bearer })).status).toBe(200);
});

test('the token is exchanged for a cookie that is not the token, and that no script can read', async () => {
  const { url } = await served({ token });
  const answer = await fetch(`${url}session`, { headers: bearer });
  const cookie = answer.headers.get('set-cookie') ?? '';
  expect(answer.status).toBe(204);
  expect(cookie).toMatch(/^mirrorfuzz-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
  const [pair = ''] = cookie.split(';');
  expect((await fetch(`${url}metrics`, { headers: { cookie: `other=1; ${pair}` } })).status).toBe(200);
  const another = await served({ token });
  const there = pair.replace(/\d+=/, `${new URL(another.url).port}=`);
  expect((await fetch(`${another.url}metrics`, { headers: { cookie: there } })).status).toBe(401);
});

test('whatever reads no page is refused: 405', async () => {
  const { url } = await served();
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD', 'TRACE'])
    for (const path of ['/', '/events', '/findings/cf1ac77f89df', '/nowhere'])
      expect((await raw(url, { path, method })).status, `${method} ${path}`).toBe(405);
});

test('a name that leads here and is not ours is refused, whichever way it is spelt', async () => {
  const { url } = await served({ allowedHosts: ['lab.example'] });
  for (const host of [
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example:80',
    '10.0.0.1',
    'a b',
  ])
    expect([400, 403], host).toContain((await raw(url, { path: '/', headers: { host } })).status);
  for (const host of ['localhost:1', '127.0.0.1', '[::1]:8377', 'LAB.example'])
    expect((await raw(url, { path: '/', headers: { host } })).status, host).toBe(200);
});

test('another site may lead here, and may ask for nothing itself', async () => {
  const { url } = await served();
  const from = (site: string, mode: string) =>
    raw(url, { path: '/metrics', headers: { 'sec-fetch-site': site, 'sec-fetch-mode': mode } });
  expect((await from('cross-site', 'no-cors')).status).toBe(403);
  expect((await from('same-site', 'cors')).status).toBe(403);
  expect((await from('cross-site', 'navigate')).status).toBe(200);
  expect((await from('same-origin', 'cors')).status).toBe(200);
});

test('no path leads out of the store, or to anything in it but findings by their ids', async () => {
  const { url, store } = await served();
  putFinding(store, 'cf1ac77f89df', 'one');
  for (const path of [
    '/../../etc/passwd',
    '/findings/../../etc/passwd',
    '/findings/..%2f..%2fetc%2fpasswd',
    '/findings/%2e%2e/%2e%2e/etc/passwd',
    '/findings/.live',
    '/findings/cf1ac77f89df/finding.json',
    '/findings/cf1ac77f89df%2ffinding.json',
    '/findings/cf1ac77f89df%00',
    '/findings/CF1AC77F89DF',
    '/cf1ac77f89df/trace.jsonl',
    '/findings//etc/passwd',
  ]) {
    const { status, text } = await raw(url, { path });
    expect(status, path).toBe(404);
    expect(text.length, path).toBeLessThan(80);
  }
  const answer = await fetch(`${url}findings/cf1ac77f89df`);
  expect(await answer.json()).toMatchObject({ timeline: { lanes: expect.any(Array) } });
});

test('every answer says that nothing else may run, be loaded or frame it', async () => {
  const { url } = await served({ token });
  for (const [path, headers] of [
    ['', {}],
    ['', bearer],
    ['live.js', {}],
    ['nowhere', bearer],
    ['events', bearer],
  ] as const) {
    const answer = await fetch(url + path, { headers });
    await answer.body?.cancel();
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/default-src 'none'; script-src 'self';.*frame-ancestors 'none'/);
    expect(policy).not.toContain('unsafe');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    expect(answer.headers.get('cache-control')).toBe('no-store');
  }
});

/** As it is written: fetch would tidy up paths, and sends no host but its own. */
function raw(
  url: string,
  asked: { path: string; method?: string; headers?: Record<string, string> },
): Promise<{ status: number; text: string }> {
  const { hostname, port } = new URL(url);
  return new Promise((done, fail) => {
    request({ hostname, port, ...asked }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => (text += part));
      answer.on('end', () => done({ status: answer.statusCode ?? 0, text }));
    })
      .on('error', fail)
      .end();
  });
}
