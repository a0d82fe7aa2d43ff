import { UsageError } from '../errors.ts';

/** Where a lab's Redis is. `shown` has no password in it: it is what may be printed. */
export type QueueUrl = { shown: string; prefix: string; connect: ConnectOptions };

export type ConnectOptions = {
  host?: string;
  port?: number;
  /** A unix socket. */
  path?: string;
  username?: string;
  password?: string;
  db: number;
  tls?: { servername?: string };
};

/**
 * `redis://[user:password@]host[:port][/db][?prefix=NAME]`; `rediss://` by TLS; `unix:///path/of.sock[?db=N&prefix=NAME]`.
 * A password may be in MIRRORFUZZ_QUEUE_PASSWORD instead, where `ps` does not show it. Throws UsageError, which never
 * quotes the URL with its password.
 */
export function parseQueueUrl(text: string, env: NodeJS.ProcessEnv = process.env): QueueUrl {
  const url = parsed(text);
  const prefix = url.searchParams.get('prefix') ?? 'mirrorfuzz';
  if (!/^[A-Za-z0-9_.-]{1,64}$/.test(prefix))
    throw wrong('prefix is 1 to 64 letters, digits, dots, dashes or underscores');
  for (const name of url.searchParams.keys())
    if (name !== 'prefix' && name !== 'db') throw wrong(`there is no parameter "${name.slice(0, 40)}"`);
  const isUnix = url.protocol === 'unix:';
  const db = dbOf(isUnix ? url.searchParams.get('db') : url.pathname.slice(1));
  const username = decoded(url.username);
  const password = decoded(url.password) || env.MIRRORFUZZ_QUEUE_PASSWORD;
  const secret = { ...(username ? { username } : {}), ...(password ? { password } : {}) };
  const where = isUnix ? { path: decoded(url.pathname) } : serverOf(url);
  return {
    shown: shownOf(url, db, prefix),
    prefix,
    connect: { ...where, ...secret, db },
  };
}

function parsed(text: string): URL {
  const url = URL.parse(text);
  if (!url || !['redis:', 'rediss:', 'unix:'].includes(url.protocol))
    throw wrong('it is no redis://, rediss:// or unix:// URL');
  if (url.protocol === 'unix:' ? url.pathname.length < 2 : url.hostname === '')
    throw wrong(url.protocol === 'unix:' ? 'it names no socket' : 'it names no host');
  return url;
}

function serverOf(url: URL): ConnectOptions | Omit<ConnectOptions, 'db'> {
  const host = url.hostname.replace(/^\[|\]$/g, ''); // IPv6
  const port = url.port === '' ? 6379 : Number(url.port);
  // A server name is for names: SNI does not take addresses.
  const name = /^[\d.]+$|:/.test(host) ? {} : { servername: host };
  return { host, port, ...(url.protocol === 'rediss:' ? { tls: name } : {}) };
}

function dbOf(text: string | null): number {
  if (text === null || text === '') return 0;
  if (!/^\d{1,5}$/.test(text)) throw wrong('what follows the host is the number of a database');
  return Number(text);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw wrong('a % in it is not followed by two hexadecimal digits');
  }
}

function shownOf(url: URL, db: number, prefix: string): string {
  const where = url.protocol === 'unix:' ? url.pathname : url.host;
  const at = url.username || url.password ? `${url.username}${url.password ? ':…' : ''}@` : '';
  const tail = url.protocol === 'unix:' ? (db === 0 ? '' : ` db ${db}`) : db === 0 ? '' : `/${db}`;
  return `${url.protocol}//${at}${where}${tail}${prefix === 'mirrorfuzz' ? '' : ` prefix ${prefix}`}`;
}

const wrong = (why: string): UsageError =>
  new UsageError(`--queue: ${why}`, '--queue redis://HOST:6379, rediss://… or unix:///run/redis.sock');
