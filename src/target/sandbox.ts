import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { execaSync } from 'execa';
import type { Program } from './binary.ts';
import { limits } from './limits.ts';
import type { Network } from './network.ts';

export type Confinement = 'bubblewrap' | 'none';

/** What QEMU reaches beyond its directory: the servers of this network, or the one we are in, and these device nodes. */
export type Reach = { network?: Network | 'ours'; devices?: readonly string[] };

/**
 * Wraps QEMU's command line so that hostile commands stay harmless: the file system is read-only but for `dir`,
 * there is no network but unix sockets, no capability, no process outside its own namespace; memory, file size and
 * descriptors are limited; and it dies at once with its parent (bwrap's --die-with-parent is PR_SET_PDEATHSIG).
 * Without a working bubblewrap what remains is the limits and the death signal; `doctor` says so.
 */
export function confine(
  program: Program,
  args: readonly string[],
  dir: string,
  how = confinement(),
  { network, devices = [] }: Reach = {},
): string[] {
  const command = [...program.argv, ...args];
  const limited = has('prlimit') ? ['prlimit', ...resourceLimits, '--', ...command] : command;
  const mortal = has('setpriv') ? ['setpriv', '--pdeathsig', 'KILL', '--', ...limited] : limited;
  const bubble = [
    'bwrap',
    ...['--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc', ...hideSockets(program)],
    ...['--bind', dir, dir, '--chdir', dir],
    ...devices.flatMap((device) => ['--dev-bind', device, device]),
    ...(network ? [] : ['--unshare-net']),
    ...['--unshare-pid', '--cap-drop', 'ALL', '--die-with-parent', '--'],
    ...limited,
  ];
  const confined = how === 'none' ? mortal : bubble;
  return network && network !== 'ours' ? network.enter(confined) : confined;
}

/** The host's services listen below /run, and a network of one's own does not keep QEMU from unix sockets. */
function hideSockets({ argv }: Program): string[] {
  return existsSync('/run') && !argv.some((word) => word.startsWith('/run/')) ? ['--tmpfs', '/run'] : [];
}

const resourceLimits = [
  `--as=${limits.qemuAddressSpaceBytes}`,
  `--fsize=${limits.qemuFileSizeBytes}`,
  `--nofile=${limits.qemuOpenFiles}`,
  '--core=0',
];

let found: Confinement | undefined;

/** What this machine allows, tried once: bubblewrap needs user namespaces where the user is not root. */
export function confinement(): Confinement {
  found ??= bubblewrapWorks() ? 'bubblewrap' : 'none';
  return found;
}

function bubblewrapWorks(): boolean {
  if (!has('bwrap')) return false;
  const args = ['--ro-bind', '/', '/', '--unshare-net', '--unshare-pid', '--cap-drop', 'ALL', '--', 'true'];
  return execaSync('bwrap', args, { reject: false, timeout: 10_000, stdio: 'ignore' }).exitCode === 0;
}

const onPath = new Map<string, boolean>();

function has(name: string): boolean {
  const known = onPath.get(name);
  if (known !== undefined) return known;
  const there = (process.env.PATH ?? '').split(delimiter).some((dir) => isExecutable(join(dir, name)));
  onPath.set(name, there);
  return there;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
