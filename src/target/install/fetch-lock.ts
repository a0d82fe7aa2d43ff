import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { limits } from '../limits.ts';

/**
 * Holds `dir` against other processes of this machine until the returned function is called. The lock is a socket in
 * Linux's abstract namespace: the kernel gives it to one, and takes it back however that one ends. `onWait` is called
 * once where another holds it.
 */
export async function lockSuite(dir: string, onWait: () => void): Promise<() => Promise<void>> {
  const name = `\0mirrorfuzz-fetch-${createHash('sha256').update(dir).digest('hex')}`;
  let waited = false;
  for (;;) {
    const unlock = await tryListen(name);
    if (unlock) return unlock;
    if (!waited) onWait();
    waited = true;
    await sleep(limits.fetchLockPollMs);
  }
}

function tryListen(name: string): Promise<(() => Promise<void>) | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(name, () => {
      resolve(() => new Promise((closed) => server.close(() => closed())));
    });
  });
}
