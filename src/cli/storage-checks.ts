import { type StorageServer, storageServers, troublesOf } from '../sequence/optional.ts';
import type { QemuTarget } from '../target/programs/binary.ts';
import { lackOf } from '../target/storage/usable.ts';
import type { MachineCheck } from './machine-checks.ts';

/** Whether a guest can boot: scenarios and kept sequences have machines with one. */
export async function* checkGuest(target: QemuTarget | undefined): AsyncGenerator<MachineCheck> {
  if (!target?.system) return; // said already
  const about = { name: 'pc machine', required: false } as const;
  const lack = await lackOf(target, 'pc machine');
  yield lack
    ? degraded(about, lack.lacks, lack.remedy)
    : { ...about, status: 'ok', detail: 'starts, with its firmware: guests can boot' };
}

/** Each program that images may lie on beside local files, tried for real, with all that can be the matter with it. */
export async function* checkStorage(target: QemuTarget | undefined): AsyncGenerator<MachineCheck> {
  if (!target) return; // said already: there is no QEMU that could use one
  const checks = storageServers.map((server) => check(server, target));
  for (const each of checks) yield await each;
}

async function check(server: StorageServer, target: QemuTarget): Promise<MachineCheck> {
  const about = { name: `storage: ${server}`, required: false } as const;
  const lack = await lackOf(target, server);
  if (lack) return degraded(about, lack.lacks, lack.remedy);
  const troubles = await Promise.all(
    troublesOf(server).map(async (state) => ({ state, lack: await lackOf(target, `${server} ${state}`) })),
  );
  const lacking = troubles.flatMap((each) => (each.lack ? [{ state: each.state, ...each.lack }] : []));
  const [first] = lacking;
  if (!first) return { ...about, status: 'ok', detail: uses[server] };
  const states = lacking.map(({ state }) => state).join(', ');
  return degraded(about, `works, but can't be ${states}: ${first.lacks}`, first.remedy);
}

const degraded = (
  about: Pick<MachineCheck, 'name' | 'required'>,
  detail: string,
  remedy?: string,
): MachineCheck => ({
  ...about,
  status: 'degraded',
  detail,
  ...(remedy === undefined ? {} : { remedy }),
});

const uses: Record<StorageServer, string> = {
  block: 'loop devices, as host_device',
  'nbd/qemu-nbd': 'qemu-nbd on a unix socket',
  'nbd/daemon': "QEMU's storage daemon on a unix socket",
  'nbd/nbdkit': 'nbdkit on a unix socket',
  iscsi: "tgtd in a network of one's own, through QEMU's iscsi driver",
  nfs: "NFS-Ganesha in a network of one's own, through QEMU's nfs driver",
};
