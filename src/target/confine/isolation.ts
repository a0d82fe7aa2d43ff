import { execaSync } from 'execa';
import { confinement } from './confinement.ts';

/**
 * The command line that runs `command` in a network of its own: loopback, and nobody else. Everything else is as it
 * was. undefined where this machine allows none, or none in which QEMU can still be confined. Tried once.
 */
export function isolated(command: readonly string[]): string[] | undefined {
  works ??= confinement() === 'bubblewrap' && tryOut();
  return works ? [...bubble, ...command] : undefined;
}

const bubble = ['bwrap', '--dev-bind', '/', '/', '--unshare-net', '--'];

let works: boolean | undefined;

/** A sandbox inside, as QEMU's will be. */
function tryOut(): boolean {
  const inner = ['bwrap', '--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc', '--unshare-pid'];
  const [file, ...args] = [...bubble, ...inner, '--cap-drop', 'ALL', '--', 'true'];
  const { exitCode } = execaSync(file as string, args, { reject: false, timeout: 10_000, stdio: 'ignore' });
  return exitCode === 0;
}
