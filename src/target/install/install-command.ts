import { findExecutable } from '../programs/executable.ts';

export type Installable = 'qemu' | 'bubblewrap' | 'util-linux' | 'gdb' | 'valgrind';

/** The command that installs something with this machine's package manager; undefined where none is known. */
export function installCommand(
  what: Installable,
  has: (command: string) => boolean = isThere,
): string | undefined {
  const manager = managers.find(({ command }) => has(command));
  return manager && commandOf(manager, what === 'qemu' ? manager.qemu : what);
}

/** The command that installs packages by Debian's names, which other systems mostly share. */
export function installPackages(names: string): string {
  return isThere('apt-get') ? commandOf(apt, names) : `install ${names}`;
}

function commandOf({ command, refresh, install }: Manager, packages: string): string {
  const sudo = process.getuid?.() === 0 || command === 'brew' ? '' : 'sudo ';
  return `${refresh === undefined ? '' : `${sudo}${refresh} && `}${sudo}${install} ${packages}`;
}

/** `qemu`: the package names of ./bootstrap. */
type Manager = { command: string; refresh?: string; install: string; qemu: string };

const apt: Manager = {
  command: 'apt-get',
  refresh: 'apt-get update', // a fresh Debian has no package lists
  install: 'apt-get install -y --no-install-recommends',
  qemu: 'qemu-system-x86 qemu-utils qemu-block-extra',
};

const managers: readonly Manager[] = [
  apt,
  { command: 'dnf', install: 'dnf install -y', qemu: 'qemu-system-x86-core qemu-img' },
  { command: 'pacman', install: 'pacman -S --needed', qemu: 'qemu-base qemu-img qemu-tools' },
  { command: 'apk', install: 'apk add', qemu: 'qemu-system-x86_64 qemu-img' },
  { command: 'brew', install: 'brew install', qemu: 'qemu' },
];

function isThere(command: string): boolean {
  return findExecutable(command) !== undefined;
}
