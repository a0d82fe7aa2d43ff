import { isIP } from 'node:net';
import { hostname } from 'node:os';

/**
 * Whether a `Host` header is one by which this server is meant. A page of somebody else's can have its own name lead here
 * (DNS rebinding), and then reads what it gets; its name is in the header. `bound`: what --host says. On loopback only
 * its own names are right. Elsewhere every address is, too, since it takes a name to rebind.
 */
export function hostCheck(bound: string, allowed: readonly string[]): (header: string | null) => boolean {
  const local = ['localhost', '127.0.0.1', '[::1]'];
  const named = isIP(bound) === 6 ? `[${bound}]` : bound;
  const own = isLoopback(bound) ? [named] : [named, hostname()];
  const names = new Set([...local, ...own, ...allowed].map((name) => name.toLowerCase()));
  return (header) => {
    const [, host = ''] = /^([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i.exec(header ?? '') ?? [];
    if (names.has(host.toLowerCase())) return true;
    return !isLoopback(bound) && isIP(host.replace(/^\[|\]$/g, '')) !== 0;
  };
}

/** Addresses that no other machine reaches. */
export const isLoopback = (host: string): boolean =>
  host.toLowerCase() === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
