import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { EnvironmentError } from '../../errors.ts';
import { limits } from '../limits.ts';
import type { Line, Wire } from './line.ts';

/**
 * QEMU takes a byte of a stream per turn of its main loop, but a datagram as a whole (chardev/char-udp.c,
 * udp_chr_flush_buffer): a command costs it a quarter of the time. An UDP chardev alone is never open; below a mux it is
 * (chardev/char-mux.c). The mux takes 0x01 for itself and has no out-of-band; an answer longer than a datagram is lost
 * without a word, and so is what finds no room here, which the kernel counts.
 */
export async function openDatagramLine(): Promise<Line> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: limits.datagramRoomBytes });
  socket.bind(0, loopback);
  await once(socket, 'listening').catch((error: Error) => {
    throw new EnvironmentError(`can't listen on ${loopback}: ${error.message}`);
  });
  const { port } = socket.address();
  const { promise: wire, resolve } = Promise.withResolvers<Wire>();
  let connected = false;
  socket.once('message', (greeting, from) => {
    // From now on the kernel takes no other's messages for QEMU's.
    socket.connect(from.port, loopback, () => {
      connected = true;
      resolve(wireOn(socket, port, heard));
    });
    const heard = [greeting];
    socket.on('message', (bytes) => void heard.push(bytes));
  });
  return {
    chardev: `udp,id=monitor,host=${loopback},port=${port},mux=on`,
    wire,
    close: () => void (connected || socket.close()),
  };
}

function wireOn(socket: Socket, port: number, early: readonly Buffer[]): Wire {
  let received = early.length;
  let lostAtEnd = 0;
  let open = true;
  let handlers = { data: (_: Buffer): void => {}, closed: (): void => {} };
  return {
    write(bytes) {
      const all = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
      for (let from = 0; open && from < all.length; from += limits.datagramBytesMax)
        socket.send(all.subarray(from, from + limits.datagramBytesMax));
    },
    hear(on) {
      handlers = on;
      socket.removeAllListeners('message');
      socket.on('error', () => {}); // QEMU is gone: its process says so
      for (const bytes of early) on.data(bytes);
      socket.on('message', (bytes) => {
        received++;
        on.data(bytes);
      });
    },
    async ended() {
      // What QEMU sent lies in the socket by now; a turn of the event loop takes some of it.
      for (let before = -1; before !== received; ) {
        before = received;
        await nextTurn();
        await nextTurn();
      }
      end();
    },
    isClosed: () => !open,
    lost: () => (open ? dropped(port) : lostAtEnd),
    destroy: end,
  };

  function end(): void {
    if (!open) return;
    lostAtEnd = dropped(port);
    open = false;
    socket.close();
    handlers.closed();
  }
}

/** What the kernel had no room for on that port: the last column of its table. Takes 2 ms. */
function dropped(port: number): number {
  const own = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const line = readFileSync('/proc/self/net/udp', 'utf8')
    .split('\n')
    .find((each) => each.trim().split(/\s+/)[1]?.endsWith(own));
  return Number(line?.trim().split(/\s+/).at(-1) ?? 0);
}

const loopback = '127.0.0.1';
