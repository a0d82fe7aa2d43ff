import { execa } from 'execa';
import { EnvironmentError } from '../../errors.ts';
import { startHolder } from '../process/keepalive-process.ts';
import { findExecutable } from '../programs/executable.ts';
import type { Usable } from '../storage/storage.ts';

/** A network of its own on this machine: loopback only, shared by the servers of a session and its QEMU. */
export type Network = {
  /** The command line that runs `command` inside of it, under the same pid. An ordinary user is root in there. */
  enter(command: readonly string[]): string[];
  /** The network is gone once those who are in it are gone, too. */
  close(): Promise<void>;
  kill(): void;
};

/** A few milliseconds. EnvironmentError where this machine allows none. */
export async function openNetwork(): Promise<Network> {
  const asRoot = process.getuid?.() === 0;
  const command = [asRoot ? '-n' : '-Urn', '--', 'sh', '-c', holding];
  const holder = await startHolder('unshare', command).catch((error: Error) => {
    throw new EnvironmentError(
      `this machine allows no network of one's own: ${error.message}`,
      'mirrorfuzz doctor',
    );
  });
  const { pid } = holder;
  const spaces = asRoot
    ? [`--net=/proc/${pid}/ns/net`]
    : [`--user=/proc/${pid}/ns/user`, '--preserve-credentials', `--net=/proc/${pid}/ns/net`];
  return {
    enter: (command) => ['nsenter', ...spaces, '--', ...command],
    close: holder.end,
    kill: holder.kill,
  };
}

/**
 * The network lives as long as a process in it: one that reads from us, so that it ends with us however we end.
 * libnfs asks for addresses only where there is one that is not 127.x; 192.0.2.1 is nobody's (RFC 5737).
 */
const holding = 'ip link set lo up && ip address add 192.0.2.1/32 dev lo && echo up && exec cat';

let tried: Promise<Usable> | undefined;

/** Whether this machine allows a network of one's own: tried once. */
export function networkUsable(): Promise<Usable> {
  tried ??= tryOut();
  return tried;
}

async function tryOut(): Promise<Usable> {
  if (!findExecutable('ip')) return { usable: false, lacks: 'ip is not installed', install: 'iproute2' };
  try {
    const network = await openNetwork();
    const [file, ...args] = network.enter(['true']);
    const { exitCode, stderr } = await execa(file as string, args, { reject: false });
    await network.close();
    if (exitCode === 0) return { usable: true };
    return { usable: false, lacks: `a network of one's own can't be entered (${stderr.trim()})` };
  } catch (error) {
    if (error instanceof EnvironmentError) return { usable: false, lacks: error.message };
    throw error;
  }
}
