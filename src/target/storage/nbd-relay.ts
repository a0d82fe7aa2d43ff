import { once } from 'node:events';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { byteReader, type Take } from '../guest/byte-reader.ts';
import {
  clientFlagsBytes,
  commands,
  greetingBytes,
  type NbdDialect,
  noZeroes,
  options,
  refusal,
  takeOption,
  takeOptionReply,
  takeReply,
  takeRequest,
  unknownExport,
} from './nbd-dialect.ts';

/** How a relay treats what passes. `refused`: commands that it answers itself, with an error of the protocol. */
export type Manner = {
  delayMs?: number;
  refused?: { commands: ReadonlySet<number>; errno: number };
  exportGone?: true;
};

/** Stands between QEMU and an NBD server, message by message: what no server program can be made to do while it runs. */
export type NbdRelay = {
  behave(manner: Manner): void;
  /** Drops all connections, in the middle of whatever they carry. */
  drop(): void;
  /** Takes connections on its socket; until then, and while closed, clients are refused. */
  listen(): Promise<void>;
  close(): void;
};

export function nbdRelay(paths: { client: string; server: string }): NbdRelay {
  let manner: Manner = {};
  let server: Server | undefined;
  const sockets = new Set<Socket>();

  async function relay(client: Socket): Promise<void> {
    const server = createConnection(paths.server);
    const pair = [client, server];
    const end = (): void => {
      for (const socket of pair) {
        sockets.delete(socket);
        socket.destroy();
      }
    };
    for (const socket of pair) {
      sockets.add(socket);
      socket.once('close', end);
    }
    await relayMessages(peer(client), peer(server), () => manner).catch(end);
  }

  function drop(): void {
    for (const socket of sockets) socket.destroy();
  }

  return {
    behave(next) {
      manner = next;
    },
    drop,
    async listen() {
      if (server) return;
      server = createServer((client) => void relay(client)).listen(paths.client);
      await once(server, 'listening');
    },
    close() {
      server?.close();
      server = undefined;
      drop();
    },
  };
}

type Peer = { take: Take; send(...bytes: Buffer[]): Promise<void> };

function peer(socket: Socket): Peer {
  return {
    take: byteReader(socket, 'hung up'),
    /** Resolves when the kernel has them, so that whoever reads slowly slows down the other side. */
    send: (...bytes) =>
      new Promise((resolve, reject) => {
        socket.cork();
        bytes.forEach((part, i) => {
          const isLast = i === bytes.length - 1;
          socket.write(part, isLast ? (error) => (error ? reject(error) : resolve()) : undefined);
        });
        socket.uncork();
      }),
  };
}

/** Ends by throwing, when one of them hangs up. */
async function relayMessages(client: Peer, server: Peer, manner: () => Manner): Promise<void> {
  const dialect = await relayHandshake(client, server, manner);
  const reads = new Map<bigint, number>();
  await Promise.all([relayRequests(), relayReplies()]);

  async function relayRequests(): Promise<never> {
    for (;;) {
      const request = await takeRequest(client.take, dialect);
      const { command, cookie, lengthBytes, bytes } = request;
      const { delayMs } = manner();
      if (delayMs) await sleep(delayMs);
      const { refused } = manner();
      if (refused?.commands.has(command)) {
        await client.send(refusal(dialect, request, refused.errno));
        continue;
      }
      if (command === commands.read) reads.set(cookie, lengthBytes);
      else reads.delete(cookie); // cookies are used again
      await server.send(...bytes);
    }
  }

  async function relayReplies(): Promise<never> {
    for (;;) {
      await client.send(...(await takeReply(server.take, (cookie) => reads.get(cookie) ?? 0)));
    }
  }
}

/** Passes on what both agree on, and listens for the form that their messages will have. */
async function relayHandshake(client: Peer, server: Peer, manner: () => Manner): Promise<NbdDialect> {
  let dialect: NbdDialect = 'simple';
  await client.send(await server.take(greetingBytes));
  const clientFlags = await client.take(clientFlagsBytes);
  await server.send(clientFlags);
  for (;;) {
    const { option, bytes } = await takeOption(client.take);
    if (manner().exportGone && (option === options.go || option === options.info)) {
      await client.send(unknownExport(option));
      continue;
    }
    if (manner().exportGone && option === options.exportName) throw new Error('there is no such export');
    await server.send(bytes);
    if (option === options.exportName) {
      const isPadded = (clientFlags.readUInt32BE(0) & noZeroes) === 0;
      await client.send(await server.take(isPadded ? 134 : 10));
      return dialect;
    }
    const isAgreed = await relayOptionReplies(client, server);
    if (isAgreed && option === options.structuredReply && dialect === 'simple') dialect = 'structured';
    if (isAgreed && option === options.extendedHeaders) dialect = 'extended';
    if (isAgreed && option === options.go) return dialect;
  }
}

async function relayOptionReplies(client: Peer, server: Peer): Promise<boolean> {
  for (;;) {
    const { end, bytes } = await takeOptionReply(server.take);
    await client.send(bytes);
    if (end) return end === 'agreed';
  }
}
