import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type NfsFault, refusal } from './nfs-reply.ts';
import { marked, parseCall, recordReader } from './rpc-record.ts';

/** Stands between one image's clients and the NFS server: what is the matter with that image alone happens here. */
export type ImageRelay = {
  accept(client: Socket): Promise<void>;
  suffer(fault: NfsFault | undefined): void;
  /** Drops the connections there are. */
  cut(): void;
  /** The same, and resolves when the server has done all that it was given. */
  leave(): Promise<void>;
};

export function openImageRelay(serverPort: number, delayMs: number): ImageRelay {
  let fault: NfsFault | undefined;
  const links = new Set<Link>();
  const cut = () => {
    for (const { client } of links) client.resetAndDestroy();
  };
  const drained = () =>
    Promise.all([...links].filter(({ client }) => client.destroyed).map(({ closed }) => closed));
  return {
    async accept(client) {
      // A call of a lost connection, done late, would undo what the client does over the new one.
      await drained();
      if (client.destroyed) return;
      const link = join(client, serverPort, () => fault, delayMs);
      links.add(link);
      await link.closed;
      links.delete(link);
    },
    suffer(next) {
      fault = next;
    },
    cut,
    async leave() {
      cut();
      await drained();
    },
  };
}

/** A client's connection with its own to the server. `closed`: both are, and no call is left on the way. */
type Link = { client: Socket; closed: Promise<void> };

function join(client: Socket, port: number, fault: () => NfsFault | undefined, delayMs: number): Link {
  const server = connect({ host: '127.0.0.1', port, noDelay: true });
  let unanswered = 0;
  let queue = Promise.resolve();
  const finish = () => {
    if (client.destroyed && unanswered === 0) server.destroy();
  };

  const fromClient = recordReader((record) => {
    const call = parseCall(record);
    const refused = call && refusal(call, fault());
    if (refused) return void client.write(marked(refused));
    queue = queue.then(async () => {
      if (fault()?.kind === 'slow') await sleep(delayMs);
      if (client.destroyed || server.destroyed) return;
      unanswered += 1;
      if (!server.write(marked(record))) client.pause();
    });
  });
  const fromServer = recordReader((record) => {
    unanswered -= 1;
    if (!client.destroyed && !client.write(marked(record))) server.pause();
    finish();
  });

  client.on('data', fromClient).on('drain', () => server.resume());
  server.on('data', fromServer).on('drain', () => client.resume());
  client
    .on('error', () => {})
    .on('close', () => {
      server.resume();
      finish();
    });
  const closed = new Promise<void>((resolve) => {
    server
      .on('error', () => {})
      .on('close', () => {
        client.resetAndDestroy();
        resolve();
      });
  });
  return { client, closed };
}
