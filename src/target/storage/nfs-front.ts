import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ImageRelay, openImageRelay } from './nfs-relay.ts';
import { mountProgram, type NfsFault, nfsProgram } from './nfs-reply.ts';
import { portmapperReply } from './portmapper.ts';
import { marked, recordReader } from './rpc-record.ts';

/**
 * A program, run inside a session's network: the portmapper that QEMU and the NFS server ask, and a relay before that
 * server. Each image has an address of its own, which says whose calls come in. It ends with its IPC channel.
 */
export type FrontOrder =
  /** Waits until the server answers, then lets clients in. */
  | { do: 'open' }
  /** Clients are refused from now on, as where no server listens. */
  | { do: 'shut' }
  | { do: 'serve'; address: string; fault: NfsFault | undefined }
  | { do: 'cut'; address: string }
  /** The address is nobody's again; done when no call of it is on its way any more. */
  | { do: 'leave'; address: string };
export type FrontRequest = { id: number; order: FrontOrder };
export type FrontDone = { id: number; error?: string };

/** argv: the socket that the server registers at, its ports, the delay of a slow server, how long a start may take. */
const [, , registrySocket, serverPort, mountPort, slowDelayMs, startDeadlineMs] = process.argv;
const nfsPort = 2049;
const ports = new Map([
  [nfsProgram, nfsPort],
  [mountProgram, Number(mountPort)],
]);
const images = new Map<string, ImageRelay>();
let door: Server | undefined;

process.once('disconnect', () => process.exit());
process.on('message', ({ id, order }: FrontRequest) => {
  carryOut(order).then(
    () => process.send?.({ id }),
    (error: Error) => process.send?.({ id, error: error.message }),
  );
});
await Promise.all([
  listen(createServer(answerPortmapper), { host: '0.0.0.0', port: 111 }),
  listen(createServer(answerPortmapper), { path: registrySocket as string }),
]);
process.send?.({ id: 0 } satisfies FrontDone);

async function carryOut(order: FrontOrder): Promise<void> {
  switch (order.do) {
    case 'open':
      await serverAnswers();
      door = await listen(createServer({ noDelay: true }, enter), { host: '0.0.0.0', port: nfsPort });
      return;
    case 'shut':
      door?.close();
      door = undefined;
      return;
    case 'serve': {
      const image = images.get(order.address) ?? openImageRelay(Number(serverPort), Number(slowDelayMs));
      images.set(order.address, image);
      return image.suffer(order.fault);
    }
    case 'cut':
      return images.get(order.address)?.cut();
    case 'leave': {
      const image = images.get(order.address);
      images.delete(order.address);
      return image?.leave();
    }
  }
}

function enter(client: Socket): void {
  const image = images.get(client.localAddress as string);
  client.on('error', () => {});
  if (image) void image.accept(client);
  else client.resetAndDestroy();
}

function answerPortmapper(client: Socket): void {
  const read = recordReader((record) => {
    const reply = portmapperReply(record, ports);
    if (reply) client.write(marked(reply));
  });
  client.on('data', read).on('error', () => {});
}

async function serverAnswers(): Promise<void> {
  const lastTry = performance.now() + Number(startDeadlineMs);
  while (!(await accepts(Number(serverPort)))) {
    if (performance.now() > lastTry) throw new Error(`no answer within ${startDeadlineMs} ms`);
    await sleep(5);
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect({ host: '127.0.0.1', port }, () => resolve(true));
    probe.on('error', () => resolve(false)).on('connect', () => probe.destroy());
  });
}

async function listen(server: Server, where: object): Promise<Server> {
  await once(server.listen(where), 'listening');
  return server;
}
