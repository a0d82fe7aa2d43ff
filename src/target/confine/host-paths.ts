import { existsSync, lstatSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** A place of the host that a confined program sees, read-only. */
export type HostPath = { path: string; link?: string };

/**
 * What every program of the host needs: the system's own programs and libraries, and of /etc what finds them and what
 * resolves `localhost`. Nothing here is a secret or leads to a service.
 */
export function systemPaths(): readonly HostPath[] {
  known ??= [...roots.map((name) => `/${name}`), ...etc.map((name) => join('/etc', name))]
    .filter((path) => existsSync(path))
    .map((path) => {
      const stat = lstatSync(path);
      return stat.isSymbolicLink() && isRoot(path) ? { path, link: readlinkSync(path) } : { path };
    });
  return known;
}

let known: HostPath[] | undefined;

/** /nix and /gnu are where NixOS and Guix keep what others have in /usr. */
const roots = ['usr', 'bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32', 'nix/store', 'gnu/store'];
const etc = ['ld.so.cache', 'alternatives', 'hosts', 'nsswitch.conf'];
const isRoot = (path: string): boolean => !path.startsWith('/etc/');

export function isSystemPath(path: string): boolean {
  return roots.some((root) => isBelow(path, `/${root}`));
}

export const isBelow = (path: string, dir: string): boolean => path === dir || path.startsWith(`${dir}/`);

/** Where too much lies that is none of a program's business: of these only the one file that is meant is shown. */
export function isBroad(dir: string, home = process.env.HOME): boolean {
  return broad.has(dir) || dir === home || /^\/home\/[^/]+$/.test(dir);
}

const broad = new Set(
  '/ /boot /dev /etc /home /media /mnt /opt /proc /root /run /srv /sys /tmp /var /var/tmp'.split(' '),
);

/**
 * What stays hidden where a program is shown the whole host because it starts with no less: the services' sockets, other
 * people's files, keys and passwords.
 */
export function secrets(home = process.env.HOME): { dirs: string[]; files: string[] } {
  const homes = [...new Set(['/root', ...(home ? [home] : [])])];
  const all = [
    ...'/tmp /var/tmp /run /var/lib/docker /etc/ssh /etc/ssl/private /etc/shadow /etc/shadow- /etc/gshadow /etc/gshadow-'.split(
      ' ',
    ),
    ...homes.flatMap((dir) => homeSecrets.map((name) => join(dir, name))),
  ];
  const there = all.flatMap((path) => {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    return stat ? [{ path, stat }] : [];
  });
  return {
    dirs: there.filter(({ stat }) => stat.isDirectory()).map(({ path }) => path),
    files: there.filter(({ stat }) => stat.isFile()).map(({ path }) => path),
  };
}

const homeSecrets =
  '.ssh .gnupg .aws .azure .kube .docker .config .mozilla .thunderbird .password-store .local/share/keyrings .netrc .pgpass .npmrc .pypirc .git-credentials .bash_history .zsh_history .python_history .psql_history'.split(
    ' ',
  );
