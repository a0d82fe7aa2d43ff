import { findExecutable } from '../target/programs/executable.ts';

export type Installable = 'qemu' | 'bubblewrap' | 'util-linux' | 'gdb';

/** The command that installs something with this machine's package manager; undefined where none is known. */
export function installCommand(
  what: Installable,
  has: (command: string) => boolean = isThere,
): string | undefined {
  const manager = managers.find(({ command }) => has(command));
  if (!manager) return undefined;
  const sudo = process.getuid?.() === 0 || manager.command === 'brew' ? '' : 'sudo ';
  const refresh = 'refresh' in manager ? `${sudo}${manager.refresh} && ` : '';
  return `${refresh}${sudo}${manager.install} ${what === 'qemu' ? manager.qemu : what}`;
}

/** The package names of ./bootstrap. */
const managers = [
  {
    command: 'apt-get',
    refresh: 'apt-get update', // a fresh Debian has no package lists
    install: 'apt-get install -y --no-install-recommends',
    qemu: 'qemu-system-x86 qemu-utils qemu-block-extra',
  },
  { command: 'dnf', install: 'dnf install -y', qemu: 'qemu-system-x86-core qemu-img' },
  { command: 'pacman', install: 'pacman -S --needed', qemu: 'qemu-base qemu-img qemu-tools' },
  { command: 'apk', install: 'apk add', qemu: 'qemu-system-x86_64 qemu-img' },
  { command: 'brew', install: 'brew install', qemu: 'qemu' },
] as const;

function isThere(command: string): boolean {
  return findExecutable(command) !== undefined;
}
