import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { EnvironmentError } from '../../errors.ts';
import type { Network } from '../confine/network.ts';
import { limits } from '../limits.ts';
import type { FrontDone, FrontOrder, FrontRequest } from './nfs-front.ts';

/** The program of nfs-front.ts, running. */
export type Front = {
  /** Resolves when it is done. EnvironmentError: it failed, or the program has ended. */
  carryOut(order: FrontOrder): Promise<void>;
  close(): Promise<void>;
  kill(): void;
};

export type FrontPlan = { network: Network; registrySocket: string; serverPort: number; mountPort: number };

/** EnvironmentError where it does not come up. */
export async function startFront({
  network,
  registrySocket,
  serverPort,
  mountPort,
}: FrontPlan): Promise<Front> {
  const [file, ...args] = network.enter([
    ...['setpriv', '--pdeathsig', 'KILL', '--', process.execPath, program, registrySocket],
    ...[serverPort, mountPort, limits.slowServerDelayMs, limits.serverStartDeadlineMs].map(String),
  ]);
  const child = spawn(file as string, args, {
    // A terminal's Ctrl-C is for us.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const waiting = new Map<number, (error?: EnvironmentError) => void>();
  const up = new Promise<void>((resolve, reject) =>
    waiting.set(0, (error) => (error ? reject(error) : resolve())),
  );
  let lastId = 0;
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-2_000);
  });
  child.on('message', ({ id, error }: FrontDone) => {
    waiting.get(id)?.(error === undefined ? undefined : new EnvironmentError(`the NFS server: ${error}`));
    waiting.delete(id);
  });
  child.on('error', () => {}); // a message to one that has just ended; `exit` says so
  const exit = once(child, 'close').then(() => {
    const why = stderr.trim().split('\n').at(-1) || 'it said nothing';
    for (const settle of waiting.values()) settle(new EnvironmentError(`the NFS relay has ended: ${why}`));
    waiting.clear();
  });

  await up;
  return {
    carryOut(order) {
      const id = ++lastId;
      return new Promise((resolve, reject) => {
        if (!child.connected) return reject(new EnvironmentError('the NFS relay has ended'));
        const late = () => waiting.get(id)?.(new EnvironmentError('the NFS server does not finish its work'));
        const timer = setTimeout(late, limits.nfsOrderDeadlineMs);
        waiting.set(id, (error) => {
          clearTimeout(timer);
          if (error) reject(error);
          else resolve();
        });
        child.send({ id, order } satisfies FrontRequest);
      });
    },
    async close() {
      child.kill('SIGKILL');
      await exit;
    },
    kill: () => void child.kill('SIGKILL'),
  };
}

const program = new URL(
  import.meta.url.endsWith('.ts') ? './nfs-front.ts' : './nfs-front.js',
  import.meta.url,
).pathname;
