import { realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { findExecutable } from '../programs/executable.ts';
import type { Enclosure } from './enclosure.ts';
import { secrets, systemPaths } from './host-paths.ts';

/**
 * The same as bubblewrap with what util-linux has, slower by some 50 ms: `unshare` gives the namespaces, a shell builds a
 * root directory out of read-only binds, `chroot` goes there, `setpriv` drops every capability. An ordinary user gets
 * a user namespace first, and is root in there.
 */
export function namespaces(command: readonly string[], enclosure: Enclosure): string[] {
  const asRoot = process.getuid?.() === 0;
  const spaces = ['--mount', '--pid', ...(enclosure.hasNetwork ? [] : ['--net'])];
  return [
    ...(asRoot ? [] : ['unshare', '--user', '--map-root-user', '--']),
    // Here, since becoming somebody in a user namespace takes the death signal away.
    ...['setpriv', '--pdeathsig', 'KILL', '--'],
    ...['unshare', ...spaces, '--fork', '--kill-child=KILL', '--'],
    ...['sh', '-c', building(enclosure), 'sh', ...dropping(), ...command],
  ];
}

/** By its real path: in there PATH may lead nowhere. */
function dropping(): string[] {
  const setpriv = realpathSync(findExecutable('setpriv') ?? '/usr/bin/setpriv');
  return [setpriv, '--no-new-privs', '--inh-caps=-all', '--bounding-set=-all', '--'];
}

/** /sys is there on every machine, and nothing that QEMU sees comes from below it. */
const jail = '/sys';

/** The shell stays, as process 1 of the namespace: signals that end others by default do not end that one. */
function building({ dir, reads, writes, wide, devices }: Enclosure): string {
  const nodes = [...'null zero full random urandom'.split(' ').map((name) => `/dev/${name}`), ...devices];
  return [
    ...(wide ? wholeHost() : [`mount -t tmpfs -o mode=755,nosuid,nodev mirrorfuzz ${jail}`]),
    ...systemPaths().map(({ path, link }) =>
      link === undefined
        ? bound(path, 'ro,nosuid,nodev')
        : `{ [ -L ${quoted(jail + path)} ] || ln -s ${quoted(link)} ${quoted(jail + path)}; }`,
    ),
    ...reads.map((path) => bound(path, 'ro,nosuid,nodev')),
    ...nodes.map((path) => bound(path)),
    ...[dir, ...writes].map((own) => bound(own)),
    ...(devices.length > 0 ? [`mkdir -p ${jail}/sys && mount -t sysfs -o ro sysfs ${jail}/sys`] : []),
    `mkdir -p ${jail}/proc && mount -t proc -o ro,nosuid,nodev,noexec proc ${jail}/proc`,
    // Shown whole, the host is read-only already.
    ...(wide ? [] : [`mount -o remount,bind,ro,nosuid,nodev ${jail}`]),
    `chroot ${jail} /bin/sh -c 'cd "$0" && exec "$@"' ${quoted(dir)} "$@"`,
  ]
    .join(' && ')
    .concat('; exit $?');
}

/** Without what is mounted below it. */
function wholeHost(): string[] {
  const { dirs, files } = secrets();
  return [
    `mount --bind -o ro,nosuid,nodev / ${jail}`,
    ...[...dirs, '/dev'].map(
      (dir) => `mount -t tmpfs -o nosuid,nodev,size=1m mirrorfuzz ${quoted(jail + dir)}`,
    ),
    ...files.map((file) => `mount --bind /dev/null ${quoted(jail + file)}`),
  ];
}

/** Onto a directory or a file of the same name, made first. */
function bound(path: string, options?: string): string {
  const [from, to] = [quoted(path), quoted(jail + path)];
  const made = `if [ -d ${from} ]; then mkdir -p ${to}; else mkdir -p ${quoted(jail + dirname(path))} && { [ -e ${to} ] || : > ${to}; }; fi`;
  return `{ ${made}; } && mount --bind ${options === undefined ? '' : `-o ${options} `}${from} ${to}`;
}

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;
