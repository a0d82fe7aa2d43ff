import { createConnection, type Socket } from 'node:net';
import type { FaultStep } from '../../sequence/step.ts';
import { encodeClientFlags, encodeGo, encodeRequest } from '../../target/guest/nbd-wire.ts';
import { nbdSocket } from '../arena/set-up.ts';
import { limits } from '../limits.ts';
import { type Run, sleep } from '../run.ts';
import { type Armed, refused } from './inserted-node.ts';

type StrangerStep = Extract<FaultStep, { fault: 'stranger' }>;

/** A client of the disk's export that is not the guest's. One that stays is there until the steps are over. */
export async function strangerComes(run: Run, { disk, does }: StrangerStep): Promise<Armed> {
  const socket = createConnection(nbdSocket(run));
  const connected = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.on('error', () => resolve(false)); // also later: whoever is hung up on has no more to say
  });
  if (!connected) return refused('there is no NBD server');
  socket.resume();
  switch (does) {
    case 'silent':
      run.strangers.push(socket);
      break;
    case 'half':
      socket.write(Buffer.concat([hello, encodeGo(disk).subarray(0, 21)]));
      run.strangers.push(socket);
      break;
    case 'vanish':
      await vanish(socket, disk);
      break;
  }
  return { outcome: 'armed' };
}

/** In the middle of a write's bytes, with a read on its way: nothing of either was asked for. */
async function vanish(socket: Socket, disk: string): Promise<void> {
  const read = encodeRequest({ command: 'read', cookie: 1n, offsetBytes: 0, lengthBytes: 512 });
  const write = encodeRequest({ command: 'write', cookie: 2n, offsetBytes: 0, lengthBytes: 4096 });
  socket.write(Buffer.concat([hello, encodeGo(disk)]));
  await sleep(limits.strangerHandshakeMs);
  socket.write(Buffer.concat([read, write, Buffer.alloc(1000)]));
  await sleep(1);
  socket.destroy();
}

/** Those who have stayed leave without a word. */
export function strangersLeave(run: Run): void {
  for (const socket of run.strangers.splice(0)) socket.destroy();
}

const hello = encodeClientFlags({ knowsNoZeroes: true });
