import type { Line, Wire } from './line.ts';
import { listenOnce } from './listen-once.ts';
import { optionValue } from './option-value.ts';

/** A unix socket at `path`: what users have, and the only one that takes whatever bytes. */
export async function openStreamLine(path: string): Promise<Line> {
  const { socket, close } = await listenOnce(path);
  const wire = socket.then(
    (peer): Wire => ({
      write: (bytes) => void peer.write(bytes),
      hear({ data, closed }) {
        peer.on('data', data);
        peer.on('error', () => {}); // `close` follows
        peer.on('close', closed);
      },
      ended: async () => {},
      isClosed: () => peer.destroyed,
      lost: () => 0,
      destroy: () => void peer.destroy(),
    }),
  );
  return { chardev: `socket,id=monitor,path=${optionValue(path)}`, wire, close };
}
