/**
 * The commands that are broken, each with its weight. All are about block jobs and the block graph, and none reaches
 * beyond the run's own directory. Left out on purpose:
 *
 * - migrate*, chardev*, netdev*, client_*, display and input commands, add-fd and getfd: they talk to the host;
 * - memsave, pmemsave, dump-guest-memory, screendump, snapshot-save: they write where they are told, or what they read;
 * - device_add, qom-set, human-monitor-command: everything is reachable through them;
 * - quit, stop, cont, system_*, eject, yank: what they do to jobs is no error, and steps of their own;
 * - change-backing-file: it rewrites an image's header, after which nobody knows what the image holds;
 * - ringbuf, trace-event, xen, cpu and memory commands: no job and no node is theirs.
 */
export const hostileCommands: Readonly<Record<string, number>> = {
  'blockdev-mirror': 14,
  'drive-mirror': 7,
  'blockdev-backup': 5,
  'drive-backup': 3,
  'block-stream': 4,
  'block-commit': 4,
  'blockdev-create': 3,
  'x-blockdev-amend': 1,

  'job-cancel': 2,
  'job-pause': 2,
  'job-resume': 2,
  'job-complete': 2,
  'job-finalize': 2,
  'job-dismiss': 2,
  'block-job-cancel': 4,
  'block-job-pause': 2,
  'block-job-resume': 2,
  'block-job-complete': 2,
  'block-job-finalize': 2,
  'block-job-dismiss': 2,
  'block-job-set-speed': 4,
  'block-job-change': 3,

  'blockdev-add': 10,
  'blockdev-del': 3,
  'blockdev-reopen': 5,
  'x-blockdev-reopen': 3,
  'blockdev-snapshot': 3,
  'blockdev-snapshot-sync': 3,
  'blockdev-snapshot-internal-sync': 2,
  'blockdev-snapshot-delete-internal-sync': 2,
  'blockdev-set-active': 2,
  block_resize: 3,
  'x-blockdev-change': 2,
  'x-blockdev-set-iothread': 2,

  'block-dirty-bitmap-add': 3,
  'block-dirty-bitmap-remove': 2,
  'block-dirty-bitmap-clear': 2,
  'block-dirty-bitmap-enable': 2,
  'block-dirty-bitmap-disable': 2,
  'block-dirty-bitmap-merge': 3,
  'x-debug-block-dirty-bitmap-sha256': 2,

  transaction: 10,
  'nbd-server-start': 2,
  'nbd-server-stop': 1,
  'nbd-server-add': 2,
  'nbd-server-remove': 2,
  'block-export-add': 4,
  'block-export-del': 2,
  block_set_io_throttle: 2,
  'block-set-write-threshold': 2,
  'block-latency-histogram-set': 2,
  'object-add': 2,
  'object-del': 1,

  'query-jobs': 1,
  'query-block-jobs': 1,
  'query-block': 1,
  'query-blockstats': 2,
  'query-named-block-nodes': 2,
  'query-block-exports': 1,
  'x-debug-query-block-graph': 1,
  'query-qmp-schema': 1,
  qmp_capabilities: 1,
};

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
