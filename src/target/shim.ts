import { once } from 'node:events';
import { connect, createServer, type NetConnectOpts, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { EnvironmentError } from '../errors.ts';
import { createTranslator } from '../qmp/dialect/translator.ts';
import type { Dialect } from '../sequence/sequence.ts';
import { limits } from './limits.ts';

/** A Unix socket, or a TCP port. */
export type Address = { path: string } | { host: string; port: number };

export type Shim = {
  /** Where clients connect; a port of 0 has become a real one. */
  address: Address;
  close(): Promise<void>;
};

export type ShimPlan = {
  qemu: Address;
  listen: Address;
  dialect: Dialect;
  /** What happens, in a line each. */
  say?(text: string): void;
};

/**
 * A QMP monitor in front of QEMU's, for clients that speak a dialect. QEMU's monitor has one client at a time, and so
 * has this one: the next is served when the one before has gone. Throws EnvironmentError where it can't listen, or
 * where no QEMU is.
 */
export async function openShim({ qemu, listen, dialect, say = () => {} }: ShimPlan): Promise<Shim> {
  (await reach(qemu))?.destroy();
  const waiting: Socket[] = [];
  let served: Socket | undefined;
  let closing = false;
  const server = createServer({ pauseOnConnect: true, noDelay: true }, (client) => {
    client.on('error', () => {});
    waiting.push(client);
    serveNext();
  });
  const address = await listening(server, listen);

  return {
    address,
    async close() {
      closing = true;
      const closed = once(server, 'close');
      server.close();
      for (const client of [...waiting.splice(0), ...(served ? [served] : [])]) client.destroy();
      await closed;
    },
  };

  function serveNext(): void {
    if (served) return;
    served = waiting.shift();
    if (!served) return;
    void serve(served).finally(() => {
      served = undefined;
      serveNext();
    });
  }

  /** One client, until it or QEMU has gone. How a connection ends is no error of ours: a client may leave at any time. */
  async function serve(client: Socket): Promise<void> {
    if (client.destroyed) return;
    const gone = new Promise<void>((resolve) => client.once('close', () => resolve()));
    try {
      const monitor = await admitted();
      if (!monitor) return;
      say('a client has connected');
      couple(client, monitor, dialect);
      client.resume();
    } catch (error) {
      say((error as Error).message);
      client.destroy();
    }
    await gone;
    say('the client has gone');
  }

  /** A place at QEMU's monitor, however long others have it; none where the shim is closed meanwhile. */
  async function admitted(): Promise<Socket | undefined> {
    while (!closing) {
      const monitor = await reach(qemu);
      if (!closing && monitor) return monitor;
      monitor?.destroy();
      await sleep(limits.busyMonitorPollMs);
    }
    return undefined;
  }
}

function couple(client: Socket, monitor: Socket, dialect: Dialect): void {
  const translator = createTranslator(dialect, {
    toQemu: (bytes) => monitor.write(bytes),
    toClient: (bytes) => client.write(bytes),
  });
  client.on('data', translator.fromClient);
  monitor.on('data', translator.fromQemu);
  client.on('close', () => monitor.destroy());
  monitor.on('close', () => {
    translator.endOfQemu();
    client.end();
    client.destroySoon();
  });
}

/** undefined where QEMU is there, and the one place in its queue is taken, be it by a client that has left already. */
async function reach(qemu: Address): Promise<Socket | undefined> {
  const socket = connect(qemu as NetConnectOpts);
  try {
    await once(socket, 'connect');
  } catch (error) {
    socket.destroy();
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return undefined;
    throw new EnvironmentError(
      `no QMP monitor at ${addressText(qemu)}: ${(error as Error).message}`,
      'qemu-system-x86_64 -qmp unix:PATH,server=on,wait=off',
    );
  }
  socket.setNoDelay(true).on('error', () => {});
  return socket;
}

async function listening(server: ReturnType<typeof createServer>, listen: Address): Promise<Address> {
  try {
    server.listen(listen);
    await once(server, 'listening');
  } catch (error) {
    throw new EnvironmentError(
      `can't listen on ${addressText(listen)}: ${(error as Error).message}`,
      'give --listen another address',
    );
  }
  const bound = server.address();
  return typeof bound === 'object' && bound ? { host: bound.address, port: bound.port } : listen;
}

export const addressText = (address: Address): string =>
  'path' in address
    ? address.path
    : `${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`;
