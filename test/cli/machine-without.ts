import { chmodSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { findExecutable } from '../../src/target/programs/executable.ts';

/** A machine that lacks programs, or on which some of them fail. */
export type Lesser = {
  name: string;
  hides?: readonly string[];
  /** Shell scripts in place of programs; `REAL` is the program's own path. */
  fakes?: Readonly<Record<string, string>>;
  /** The QEMU is driven through this script. */
  qemu?: string;
  /** What only this machine needs. */
  options?: readonly string[];
  /** Whether a hunt says at its start or end what is reduced; nothing where a hunt has no use for it. */
  says?: RegExp;
};

const fails = (what: string): string => `echo "${what}: Operation not permitted" >&2; exit 1`;

/** Each program that is optional, hidden in turn; and what was seen to fail now and then. */
export const lesserMachines: readonly Lesser[] = [
  { name: 'nbdkit', hides: ['nbdkit'], says: /without nbd\/nbdkit .*nbdkit is not installed/ },
  { name: 'qemu-nbd', hides: ['qemu-nbd'], says: /without .*nbd\/qemu-nbd.*has no qemu-nbd/ },
  {
    name: 'qemu-storage-daemon',
    hides: ['qemu-storage-daemon'],
    says: /without .*nbd\/daemon.*has no qemu-storage-daemon/,
  },
  { name: 'qemu-img', hides: ['qemu-img'], says: /without qemu-img/ },
  { name: 'tgtd', hides: ['tgtd', 'tgtadm'], says: /iscsi.*tgtd is not installed/ },
  { name: 'ganesha.nfsd', hides: ['ganesha.nfsd'], says: /nfs.*(not installed|root's)/ },
  { name: 'losetup', hides: ['losetup'], says: /block.*(losetup is not installed|root only)/ },
  { name: 'setpriv', hides: ['setpriv'], says: /nbd\/qemu-nbd.*setpriv is not installed/ },
  // An iSCSI server's writes fail by it; QEMU's limits are a shell's.
  { name: 'prlimit', hides: ['prlimit'] },
  { name: 'bwrap', hides: ['bwrap'], says: /confined by namespaces|NOT CONFINED/ },
  { name: 'ip', hides: ['ip'], says: /iscsi.*(ip|tgtd) is not installed/ },
  { name: 'gdb', hides: ['gdb'] },
  { name: 'valgrind', hides: ['valgrind'] },
  {
    name: 'user namespaces',
    fakes: { bwrap: fails('bwrap'), unshare: fails('unshare') },
    options: ['--unconfined'],
    says: /NOT CONFINED/,
  },
  {
    name: 'losetup that cannot attach',
    fakes: { losetup: `case "$*" in *--show*) ${fails('losetup')};; esac; exec REAL "$@"` },
    says: /block.*(Operation not permitted|root only)/,
  },
  {
    name: 'one QEMU start in twelve',
    qemu: `case "$*" in *--version*|*-L*) exec REAL "$@";; esac
[ $((RANDOM % 12)) -eq 0 ] && { echo 'no luck this time' >&2; exit 1; }
exec REAL "$@"`,
  },
];

/** What starts mirrorfuzz there: the words before it, its PATH, and the value of `--qemu` where that is not PATH's. */
export type Start = { before: string[]; path: string; qemu: string | undefined };

/** Lays the machine out in a directory: a PATH of links to all programs but those that are hidden or fake. */
export function layOut({ hides = [], fakes = {}, qemu }: Lesser, dir: string): Start {
  const bin = join(dir, 'bin');
  mkdirSync(bin);
  const hidden = new Set([...hides, ...Object.keys(fakes)]);
  const dirs = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'].filter(existsSync);
  // Names are kept, for a link that leads nowhere (as a left-over /bin/X11) doesn't exist for existsSync.
  const left = new Set(hidden);
  for (const each of dirs)
    for (const name of readdirSync(each)) {
      if (!left.has(name)) symlinkSync(join(each, name), join(bin, name));
      left.add(name);
    }
  for (const [name, script] of Object.entries(fakes)) {
    const real = dirs.map((each) => join(each, name)).find(existsSync);
    write(join(bin, name), script.replaceAll('REAL', real ?? 'false'));
  }
  const real = findExecutable('qemu-system-x86_64');
  const wrapper = join(dir, 'qemu');
  if (qemu !== undefined) write(wrapper, qemu.replaceAll('REAL', real ?? 'false'));
  return { before: covered(hides), path: bin, qemu: qemu === undefined ? undefined : wrapper };
}

/** Servers are looked for beside PATH, too: there /dev/null lies over them, which is no program. */
function covered(names: readonly string[]): string[] {
  const there = names.map((name) => join('/usr/sbin', name)).filter(existsSync);
  if (there.length === 0 || process.getuid?.() !== 0) return [];
  const cover = there.map((file) => `mount --bind /dev/null ${file}`).join(' && ');
  return ['unshare', '-m', 'sh', '-c', `${cover} && exec "$@"`, 'sh'];
}

function write(file: string, script: string): void {
  writeFileSync(file, `#!/bin/bash\n${script}\n`);
  chmodSync(file, 0o755);
}
