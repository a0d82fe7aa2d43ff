import type { QemuTarget } from '../target/binary.ts';
import { findExecutable } from '../target/executable.ts';
import { type StorageFound, storageUsable } from '../target/storage/usable.ts';
import type { Check } from './machine-checks.ts';

/** Each kind of storage that images may lie on beside local files. */
export async function* checkStorage(target: QemuTarget | undefined): AsyncGenerator<Check> {
  for (const each of await storageUsable(target)) if (each.kind !== 'file') yield check(each);
}

function check({ kind, found }: StorageFound): Check {
  const name = `storage: ${kind}`;
  if (found.usable) return { name, required: false, status: 'ok', detail: uses[kind] };
  return {
    name,
    required: false,
    status: 'degraded',
    detail: found.lacks,
    ...(found.install === undefined ? {} : { remedy: installing(found.install) }),
  };
}

const uses: Record<StorageFound['kind'], string> = {
  file: 'local files',
  block: 'loop devices, as host_device',
  nbd: 'qemu-nbd, the storage daemon or nbdkit on a unix socket',
  iscsi: "tgtd in a network of one's own, through QEMU's iscsi driver",
  nfs: "NFS-Ganesha in a network of one's own, through QEMU's nfs driver",
};

/** Servers have Debian's names for their packages; other systems call most of them the same. */
function installing(packages: string): string {
  const sudo = process.getuid?.() === 0 ? '' : 'sudo ';
  return findExecutable('apt-get')
    ? `${sudo}apt-get install -y --no-install-recommends ${packages}`
    : `install ${packages}`;
}
