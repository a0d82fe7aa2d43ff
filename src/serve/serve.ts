import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { UsageError } from '../errors.ts';
import { openAccess } from './access.ts';
import { liveApp } from './app.ts';
import { liveAssets } from './assets.ts';
import { openEventStreams } from './event-stream.ts';
import { hostCheck } from './host-names.ts';
import { limits } from './limits.ts';
import { openMetrics } from './metrics.ts';
import { openWatch } from './watch.ts';
import type { WatchedQueue } from './watch-campaign.ts';

export type LiveServer = { url: string; close(): Promise<void> };

/**
 * Serves the live page of a store, and of a lab's campaign, until it is closed. Reads only. Throws UsageError where host
 * or port can't be had.
 */
export async function serveLive(about: {
  store: string;
  queue?: WatchedQueue;
  /** Name and version. */
  tool: string;
  host: string;
  /** 0: any that is free. */
  port: number;
  token?: string;
  /** Further names by which it is reached, through a proxy say. */
  allowedHosts: readonly string[];
  /** How often it looks. */
  everyMs?: number;
}): Promise<LiveServer> {
  const assets = await liveAssets();
  const server = createServer({ headersTimeout: limits.requestMs, requestTimeout: limits.requestMs });
  server.maxConnections = limits.connectionsMax;
  const { port } = await listening(server, about);
  const watch = await openWatch(about);
  const streams = openEventStreams(watch);
  const app = liveApp({
    ...{ store: about.store, watch, streams, assets, metrics: openMetrics() },
    access: openAccess(about.token, () => port),
    isOurHost: hostCheck(about.host, about.allowedHosts),
  });
  const listener = getRequestListener(app.fetch);
  server.on('request', (request, response) => void listener(request, response));
  const host = about.host.includes(':') ? `[${about.host}]` : about.host;
  return {
    url: `http://${host}:${port}/`,
    async close() {
      watch.close();
      streams.close();
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
    },
  };
}

function listening(server: Server, { host, port }: { host: string; port: number }): Promise<AddressInfo> {
  return new Promise((done, fail) => {
    server.once('error', (error: NodeJS.ErrnoException) => fail(refusal(error, host, port)));
    server.listen({ host, port }, () => done(server.address() as AddressInfo));
  });
}

function refusal({ code, message }: NodeJS.ErrnoException, host: string, port: number): UsageError {
  switch (code) {
    case 'EADDRINUSE':
      return new UsageError(
        `--port ${port}: somebody else has it on ${host}`,
        '--port 0, for any that is free',
      );
    case 'EACCES':
      return new UsageError(`--port ${port}: this user may not have it`, '--port 8377');
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new UsageError(`--host ${host}: is no address of this machine`, '--host 127.0.0.1');
    default:
      return new UsageError(`can't listen on ${host} port ${port}: ${message}`, 'another --host or --port');
  }
}
