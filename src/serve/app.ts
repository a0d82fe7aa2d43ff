import { join } from 'node:path';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { UsageError } from '../errors.ts';
import { isId } from '../findings/list.ts';
import { storedFinding } from '../findings/stored.ts';
import { findingDetail } from '../report/page/finding-page.ts';
import type { Access } from './access.ts';
import type { LiveAssets } from './assets.ts';
import type { EventStreams } from './event-stream.ts';
import type { Metrics } from './metrics.ts';
import { livePage, loginPage } from './shell.ts';
import type { Watch } from './watch.ts';

/** Every path there is. Files are named by none of them: what is sent is made here, or of a finding by its id. */
export function liveApp(about: {
  store: string;
  watch: Watch;
  streams: EventStreams;
  metrics: Metrics;
  assets: LiveAssets;
  access: Access;
  isOurHost(header: string | null): boolean;
}): Hono {
  const { store, watch, streams, metrics, assets, access, isOurHost } = about;
  const app = new Hono();
  app.use(headers, onlyGet, onlyOurHost, onlyOurPages);

  // What everybody may have: without the token nothing else.
  app.get('/live.css', (c) => sent(c, assets.style, 'text/css'));
  app.get('/login.js', (c) => sent(c, assets.login, 'text/javascript'));
  app.get('/live.js', (c) => sent(c, assets.live, 'text/javascript'));
  app.get('/session', (c) => {
    const cookie = access.cookieFor(c.req.raw.headers);
    return cookie === undefined ? refused(c) : c.body(null, 204, { 'set-cookie': cookie });
  });
  app.get('/', (c) => (access.mayRead(c.req.raw.headers) ? c.html(livePage) : c.html(loginPage, 401)));

  app.use((c, next) => (access.mayRead(c.req.raw.headers) ? next() : Promise.resolve(refused(c))));
  app.get('/events', (c) => {
    const stream = streams.open();
    if (!stream) return c.text('as many watch as may\n', 503, { 'retry-after': '30' });
    // Proxies are not to collect it.
    return c.body(stream, 200, { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' });
  });
  app.get('/metrics', async (c) =>
    sent(c, await metrics.text(watch.seen(), streams.count()), metrics.contentType),
  );
  app.get('/findings/:id', (c) => {
    const id = c.req.param('id');
    if (!isId(id)) return c.text('no such finding\n', 404);
    try {
      return c.json(findingDetail(storedFinding(join(store, id))));
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      return c.text('no such finding, or one that can not be read\n', 404);
    }
  });
  app.notFound((c) => c.text('there is nothing here\n', 404));
  app.onError((error, c) => {
    process.stderr.write(`mirrorfuzz: ${error.stack}\n`);
    return c.text('this went wrong; the server says more on its stderr\n', 500);
  });
  return app;

  async function onlyOurHost(c: Context, next: () => Promise<void>): Promise<Response | undefined> {
    if (!isOurHost(c.req.header('host') ?? null))
      return c.text('this page is not to be had under that name: see mirrorfuzz serve --allow-host\n', 403);
    await next();
    return undefined;
  }
}

/** Nothing but the page's own script runs, nothing else is loaded, nobody frames it, and nothing of it is kept. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

const headers: MiddlewareHandler = async (c, next) => {
  await next();
  const set = (name: string, value: string): void => c.res.headers.set(name, value);
  set('content-security-policy', policy);
  set('x-content-type-options', 'nosniff');
  set('referrer-policy', 'no-referrer');
  set('cross-origin-resource-policy', 'same-origin');
  set('cross-origin-opener-policy', 'same-origin');
  set('cache-control', 'no-store');
};

const onlyGet: MiddlewareHandler = async (c, next) => {
  if (c.req.method !== 'GET') return c.text('this page is read only\n', 405, { allow: 'GET' });
  await next();
  return undefined;
};

/** Another site's page may lead here, but not ask for parts: it could take all places of those that watch. */
const onlyOurPages: MiddlewareHandler = async (c, next) => {
  const site = c.req.header('sec-fetch-site') ?? 'none';
  if (site !== 'same-origin' && site !== 'none' && c.req.header('sec-fetch-mode') !== 'navigate')
    return c.text('another site may not ask for this\n', 403);
  await next();
  return undefined;
};

const refused = (c: Context): Response =>
  c.text('this page takes a token: Authorization: Bearer …\n', 401, { 'www-authenticate': 'Bearer' });

const sent = (c: Context, text: string, type: string): Response =>
  c.body(text, 200, { 'content-type': type.includes('charset') ? type : `${type}; charset=utf-8` });
