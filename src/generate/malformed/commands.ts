import { withPart } from '../../qemu/cards.ts';

/**
 * The commands that are broken, each with its weight, as their cards say. All are about block jobs and the block graph, and none reaches
 * beyond the run's own directory. Left out on purpose:
 *
 * - migrate*, chardev*, netdev*, client_*, display and input commands, add-fd and getfd: they talk to the host;
 * - memsave, pmemsave, dump-guest-memory, screendump, snapshot-save: they write to any path, or what they read;
 * - device_add, qom-set, human-monitor-command: everything is reachable through them;
 * - quit, stop, cont, system_*, eject, yank: what they do to jobs is no error, and steps of their own;
 * - change-backing-file: it rewrites an image's header, after which nobody knows what the image holds;
 * - ringbuf, trace-event, xen, cpu and memory commands: no job and no node is theirs.
 */
export const hostileCommands: Readonly<Record<string, number>> = Object.fromEntries(withPart('weight'));

/** Of an enum's values those that a step may have: others reach the host or the network, mount, or open a device. */
export function allowedValues(member: string, values: readonly string[]): readonly string[] {
  if (member === 'qom-type') return values.filter((value) => objectTypes.has(value));
  return member === 'driver'
    ? values.filter((value) => !farDrivers.has(value))
    : values.filter((value) => !hostExports.has(value));
}

/** Others open files, devices and sockets, or keep secrets. */
const objectTypes: ReadonlySet<string> = new Set(['iothread', 'throttle-group']);

export const hostExports: ReadonlySet<string> = new Set(['fuse', 'vduse-blk']);

/** `nbd` too: connected to QEMU's own server it waits for itself. */
export const farDrivers: ReadonlySet<string> = new Set([
  ...['ftp', 'ftps', 'gluster', 'host_cdrom', 'host_device', 'http', 'https', 'io_uring', 'iscsi', 'nbd'],
  ...['nfs', 'nvme', 'nvme-io_uring', 'rbd', 'sheepdog', 'ssh', 'vvfat', 'blkreplay', 'replication'],
  ...['virtio-blk-vfio-pci', 'virtio-blk-vhost-user', 'virtio-blk-vhost-vdpa', 'vxhs'],
]);
