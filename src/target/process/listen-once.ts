import { createServer, type Socket } from 'node:net';
import { EnvironmentError } from '../../errors.ts';

/** Listens on a unix socket for one peer: QEMU, which connects as it starts. */
export async function listenOnce(path: string): Promise<{ socket: Promise<Socket>; close(): void }> {
  const server = createServer({ noDelay: true });
  const socket = new Promise<Socket>((resolve) => server.once('connection', resolve));
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(new EnvironmentError(`can't listen on ${path}: ${error.message}`)),
    );
    server.listen(path, resolve);
  });
  return { socket, close: () => server.close() };
}
