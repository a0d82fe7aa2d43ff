import { z } from 'zod';

/** The set-up a sequence runs in: disks and their nodes, iothreads, the program driven. */
export type Arena = z.infer<typeof arenaSchema>;
/** One image file and the nodes on top of it; the format node carries the disk's name. */
export type Disk = z.infer<typeof diskSchema>;
/** What lies in a disk before the first step. */
export type Fill = z.infer<typeof fillSchema>;
export type ImageFormat = Disk['format'];

/** Node names are at most 31 bytes, letter first; the layers' suffixes need 10. */
export const diskNameSchema = z
  .string()
  .regex(
    /^[A-Za-z][A-Za-z0-9_.-]{0,20}$/,
    'a name: a letter, then letters, digits, "-", "." or "_", at most 21 in all',
  );

const bytes = z
  .int()
  .min(0)
  .max(2 ** 40);

const fillSchema = z.union([
  z.enum(['empty', 'seeded', 'full']),
  z.strictObject({ runs: z.array(z.tuple([bytes, bytes])) }),
]);

export const errnoSchema = z.enum(['EIO', 'ENOSPC', 'EPERM']);

/** An error of blkdebug; without `iotype` and `event` every request fails. Sectors have 512 bytes. */
export const injectSchema = z.strictObject({
  iotype: z.enum(['read', 'write', 'write-zeroes', 'discard', 'flush', 'block-status']).optional(),
  /** A step of the format driver, as blkdebug calls it: from its first occurrence on, requests fail. */
  event: z.string().optional(),
  errno: errnoSchema,
  /** Only the first request fails; with `sectors`, the first on each of them. */
  once: z.boolean().optional(),
  sector: z.int().min(0).optional(),
  /** First one and how many; blkdebug wants a rule for each. */
  sectors: z.tuple([z.int().min(0), z.int().min(1).max(64)]).optional(),
  /** The Nth such request fails, and unless `once` those after it. */
  nth: z.int().min(1).max(64).optional(),
  /** Fails within the call instead of in the next main-loop turn. */
  immediately: z.literal(true).optional(),
});
export type Inject = z.infer<typeof injectSchema>;
export type Errno = Inject['errno'];

/** blkdebug's event that comes with every request of an iotype, where there is one; those of reads come from format drivers. */
export function countedBy(iotype: Inject['iotype']): string | undefined {
  switch (iotype) {
    case 'read':
      return 'read_aio';
    case 'write':
      return 'pwritev';
    case 'write-zeroes':
      return 'pwritev_zero';
    case 'flush':
      return 'flush_to_disk';
    default:
      return undefined;
  }
}

/** `only`: requests of that direction wait, and those of the other go at once. */
export const throttleSchema = z.strictObject({
  bytesPerSecond: bytes.optional(),
  iops: bytes.optional(),
  only: z.enum(['reads', 'writes']).optional(),
});
export type Throttle = z.infer<typeof throttleSchema>;

const layerSchema = z.union([
  z.strictObject({ blkdebug: z.array(injectSchema) }),
  z.strictObject({
    /** `group`: one of the arena's throttle groups, whose limits are then these; else the disk has one of its own. */
    throttle: throttleSchema.extend({ group: diskNameSchema.optional() }),
  }),
  /** It makes the image file longer than what is written to it wants, and shorter again when it is closed. */
  z.strictObject({ preallocate: z.strictObject({}) }),
  /** The image file may grow up to so many bytes, and then finds no space left; without them as it likes. */
  z.strictObject({ room: z.strictObject({ bytes: bytes.optional() }) }),
]);
export type Layer = z.infer<typeof layerSchema>;

export const storageKinds = ['file', 'block', 'nbd', 'iscsi', 'nfs'] as const;
export type StorageKind = (typeof storageKinds)[number];

const seconds = z.int().min(0).max(60);

/** Where the image lies. A server of its own has the file, and QEMU reaches it as that kind of node. */
const storageSchema = z.union([
  z.enum(storageKinds),
  z.strictObject({
    nbd: z.strictObject({
      server: z.enum(['qemu-nbd', 'daemon', 'nbdkit']).optional(),
      /** For so long requests wait for a server that is gone, before they fail; absent: they fail at once. */
      reconnectDelaySeconds: seconds.optional(),
    }),
  }),
  z.strictObject({ iscsi: z.strictObject({ timeoutSeconds: seconds.optional() }) }),
]);
export type Storage = z.infer<typeof storageSchema>;

/** The kind of a disk's storage; a local file unless it says otherwise. */
export function storageKind({ storage = 'file' }: Pick<Disk, 'storage'>): StorageKind {
  if (typeof storage === 'string') return storage;
  return 'nbd' in storage ? 'nbd' : 'iscsi';
}

/** Devices of a `pc` machine that a disk may be: a guest that boots reaches it by the BIOS. */
export const deviceFrontends = ['virtio', 'scsi', 'nvme', 'usb', 'ide'] as const;
export type DeviceFrontend = (typeof deviceFrontends)[number];

/** The device that a disk is; undefined for one that is none. */
export const deviceOf = ({ frontend }: Pick<Disk, 'frontend'>): DeviceFrontend | undefined =>
  deviceFrontends.find((device) => device === frontend);

/** What a qcow2 image may have beside its clusters. */
const qcow2Schema = z.strictObject({
  /** Clusters of 32 subclusters, each allocated by itself. */
  extendedL2: z.literal(true).optional(),
  /** The clusters that `fill` has are compressed. */
  compressed: z.literal(true).optional(),
  /** Internal snapshots of what `fill` has: its clusters are shared with them. */
  snapshots: z.int().min(1).max(3).optional(),
  /** Every cluster is allocated, also where there is no data; `falloc`: in the host's file, too; `full`: and written, with zeroes. */
  preallocation: z.enum(['metadata', 'falloc', 'full']).optional(),
  /** The clusters lie in a file of their own, NAME.data; `raw`: which reads as the disk does (`data_file_raw`). */
  dataFile: z.enum(['mapped', 'raw']).optional(),
  /** LUKS within qcow2 (`encrypt.format=luks`): the clusters are encrypted by the arena's key. */
  encrypted: z.literal(true).optional(),
});
export type Qcow2Features = z.infer<typeof qcow2Schema>;

/** Formats that a disk's image may have. Only qcow2 images lie over backing files here. */
export const imageFormats = ['raw', 'qcow2', 'luks', 'vmdk', 'vdi', 'qed'] as const;

/** Whether the disk's node wants the arena's key (disk-key.ts). */
export const isEncrypted = ({ format, qcow2 }: Pick<Disk, 'format' | 'qcow2'>): boolean =>
  format === 'luks' || qcow2?.encrypted === true;

const diskSchema = z.strictObject({
  name: diskNameSchema,
  format: z.enum(imageFormats),
  sizeBytes: bytes,
  clusterBytes: z
    .int()
    .min(512)
    .max(2 ** 21)
    .refine((bytes) => Number.isInteger(Math.log2(bytes)), 'a power of two')
    .optional(),
  fill: fillSchema.optional(),
  /** Clusters that say that they hold zeroes, where `fill` has no data: they hide the backing file. */
  zeroes: z.array(z.tuple([bytes, bytes])).optional(),
  qcow2: qcow2Schema.optional(),
  backing: diskNameSchema.optional(),
  /** false: only the file exists; for `mode: existing` targets and implicit backing files. */
  open: z.boolean().optional(),
  readOnly: z.boolean().optional(),
  /** Its nodes fall back to read-only where they can't be opened for writing (`auto-read-only`). */
  autoReadOnly: z.literal(true).optional(),
  discard: z.enum(['ignore', 'unmap']).optional(),
  detectZeroes: z.enum(['off', 'on', 'unmap']).optional(),
  /** Its first sector boots the guest (guest/boot-sector.asm), whatever `fill` says. */
  bootable: z.literal(true).optional(),
  frontend: z.enum(['none', 'auto', 'drive', 'nbd', ...deviceFrontends]).optional(),
  iothread: z.string().optional(),
  /** Of a virtio device, whose queues are spread over them (`iothread-vq-mapping`). */
  queues: z.array(z.string()).min(1).max(4).optional(),
  /** The device stands on a `-drive`, which goes with it. */
  legacyDrive: z.literal(true).optional(),
  /** A second QEMU has the image and exports it by NBD; here the disk is an NBD client node of that name. */
  servedBy: z.literal('destination').optional(),
  storage: storageSchema.optional(),
  /** Nodes between the format node and the file node, from the top down. */
  layers: z.array(layerSchema).max(4).optional(),
  /** The arena's node that the guest reaches the disk through, in place of the format node. */
  through: diskNameSchema.optional(),
});

/**
 * A node over the disks', opened after them and before their frontends: what `blockdev-add` takes. It names its children;
 * what a child is made of stands in no node's options.
 */
const nodeSchema = z
  .record(z.string(), z.json())
  .refine((options) => typeof options.driver === 'string', '`driver` is missing')
  .refine(
    (options) => diskNameSchema.safeParse(options['node-name']).success,
    '`node-name` is missing, or no name',
  );
export type ArenaNode = z.infer<typeof nodeSchema>;

export const arenaSchema = z.strictObject({
  machine: z.enum(['none', 'pc']).optional(),
  iothreads: z.array(diskNameSchema).max(4).optional(),
  /** MALLOC_PERTURB_ of the C library: memory is filled with this byte when it is freed, with its complement when it is given out. */
  mallocPerturb: z.int().min(1).max(255).optional(),
  /** Of throttle layers and nodes: several in one group share its limits, which the layers set. */
  throttleGroups: z.array(diskNameSchema).max(4).optional(),
  /**
   * A second QEMU waits for the machine (`-incoming defer`): with its own disks only, those that are `servedBy` it, or
   * with the local ones, too, as storage that both reach.
   */
  incoming: z.enum(['own', 'shared']).optional(),
  disks: z.array(diskSchema).max(16),
  nodes: z.array(nodeSchema).max(8).optional(),
});

export const nodeName = (node: ArenaNode): string => `${node['node-name']}`;
