import { connect, type Socket } from 'node:net';
import { createQmpClient, type QmpClient } from '../../src/qmp/client.ts';
import type { QmpMessage } from '../../src/qmp/message.ts';

/** A client on a live unix socket. `closed` resolves when the connection is gone. */
export type UnixWire = { client: QmpClient; seen: QmpMessage[]; socket: Socket; closed: Promise<void> };

export function openUnixWire(path: string): UnixWire {
  const seen: QmpMessage[] = [];
  const socket = connect(path);
  const client = createQmpClient({
    write: (bytes) => socket.write(bytes),
    seen: (message) => seen.push(message),
  });
  socket.on('data', (chunk: Buffer) => client.receive(chunk));
  socket.on('error', () => {}); // a reset by the peer; `close` follows
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  socket.on('close', () => {
    client.end();
    resolve();
  });
  return { client, seen, socket, closed };
}
