import {
  type Arena,
  countedBy,
  type Disk,
  deviceOf,
  diskNameSchema,
  type Inject,
  isEncrypted,
  storageKind,
} from './arena.ts';
import { checkNodes } from './arena-nodes.ts';
import { limits } from './limits.ts';
import { isMadeOver } from './made-over.ts';
import { asReference } from './reference.ts';
import { type ImageRef, type Sequence, sequenceSchema } from './sequence.ts';
import { errorsOf, type Json } from './step.ts';

/** Ends the reading of a file with what is wrong at `path`. */
export type Complain = (path: readonly PropertyKey[], message: string) => never;
type Path = (string | number)[];

/** What the types can't say: names that must differ, names that must exist, files that must stay in the directory. */
export function mustBeCoherent({ arena, steps, after = [] }: Sequence, complain: Complain): void {
  checkArena(arena, complain);
  const names = arena.disks.map(({ name }) => name);
  const made: string[] = [];
  steps.forEach((step, i) => {
    if ('fault' in step && step.fault === 'inject') checkErrors(errorsOf(step), ['steps', i], complain);
    for (const [name, value] of Object.entries('qmp' in step ? (step.args ?? {}) : {}))
      made.push(...checkReferences(value, ['steps', i, 'args', name], names, complain));
  });
  const known = [...names, ...made];
  after.forEach((claim, i) => {
    if ('check' in claim) checkImage(claim.check, ['after', i, 'check'], known, complain);
    else if ('content' in claim) checkImage(claim.content, ['after', i, 'content'], known, complain);
    else if ('boots' in claim) checkImage(claim.boots, ['after', i, 'boots'], known, complain);
    else claim.same.forEach((image, at) => void checkImage(image, ['after', i, 'same', at], known, complain));
  });
}

/** Whether a sequence that no file holds makes sense as a whole: its shape, its names, and its files. */
export function isCoherent(sequence: Sequence): boolean {
  if (!sequenceSchema.safeParse(sequence).success || isMadeOver(sequence)) return false;
  try {
    mustBeCoherent(sequence, () => {
      throw new Incoherent();
    });
    return true;
  } catch (error) {
    if (error instanceof Incoherent) return false;
    throw error;
  }
}

class Incoherent extends Error {}

function checkArena(arena: Arena, complain: Complain): void {
  const { disks, machine, iothreads = [], incoming } = arena;
  if (incoming !== undefined && machine === 'pc')
    complain(['arena', 'incoming'], 'a second QEMU takes a machine `none` only');
  const slots = disks.flatMap(({ frontend }, i) => (frontend === 'ide' ? [i] : []));
  if (slots[1] !== undefined)
    complain(['arena', 'disks', slots[1], 'frontend'], 'the machine has one ide disk at most');
  const repeated = iothreads.findIndex((name, i) => iothreads.indexOf(name) < i);
  if (repeated !== -1)
    complain(['arena', 'iothreads', repeated], `there are two iothreads "${iothreads[repeated]}"`);
  const names: string[] = [];
  disks.forEach((disk, i) => {
    const wrong = (field: keyof typeof disk, message: string): never =>
      complain(['arena', 'disks', i, field], message);
    const { name, format, sizeBytes, clusterBytes, backing, iothread } = disk;
    if (names.includes(name)) wrong('name', `there are two disks "${name}"`);
    if (backing !== undefined && !names.includes(backing))
      wrong('backing', `no disk "${backing}" stands before this one`);
    if (backing !== undefined && format !== 'qcow2')
      wrong('backing', `a ${format} image has no backing file here`);
    if (iothread !== undefined && !iothreads.includes(iothread))
      wrong('iothread', `the arena has no iothread "${iothread}"`);
    if (format !== 'raw' && sizeBytes % 512 !== 0) wrong('sizeBytes', oddSize(format));
    if (deviceOf(disk)) checkDevice(disk, { machine, iothreads }, wrong);
    else if (disk.queues || disk.legacyDrive)
      wrong(disk.queues ? 'queues' : 'legacyDrive', 'only a device has that');
    if (disk.bootable && sizeBytes < limits.bootableBytesMin)
      wrong('bootable', `the BIOS boots from ${limits.bootableBytesMin} bytes on`);
    if (storageKind(disk) !== 'file') {
      if (sizeBytes === 0 || sizeBytes % 512 !== 0)
        wrong('sizeBytes', 'a server has whole sectors of 512 bytes, one at least');
      if (disk.servedBy !== undefined) wrong('storage', 'either `storage` or `servedBy`');
      if (disk.frontend === 'drive' || disk.frontend === 'auto')
        wrong('frontend', 'a drive opens a local file; use nbd');
    }
    for (const layer of disk.layers ?? []) {
      if ('room' in layer && format !== 'qcow2') wrong('layers', 'only a qcow2 image grows as it is written');
      if ('blkdebug' in layer) checkErrors(layer.blkdebug, ['arena', 'disks', i, 'layers'], complain);
    }
    checkQcow2(disk, wrong);
    checkPlace(disk, wrong);
    if (clusterBytes !== undefined && format !== 'qcow2')
      wrong('clusterBytes', `a ${format} image has no clusters of a chosen size`);
    if (clusterBytes !== undefined && !Number.isInteger(Math.log2(clusterBytes)))
      wrong('clusterBytes', 'a power of two, 512 to 2097152');
    names.push(name);
  });
  checkNodes(arena, complain);
}

function checkQcow2(
  { format, backing, clusterBytes = 65_536, zeroes, qcow2 = {} }: Disk,
  wrong: (field: keyof Disk, message: string) => never,
): void {
  if (format !== 'qcow2' && zeroes !== undefined) wrong('zeroes', 'only a qcow2 image has zero clusters');
  if (format !== 'qcow2' && Object.keys(qcow2).length > 0) wrong('qcow2', 'the image is not qcow2');
  if (qcow2.preallocation && backing !== undefined) wrong('qcow2', 'preallocation hides the backing file');
  if (qcow2.dataFile && (qcow2.compressed || qcow2.snapshots !== undefined || qcow2.encrypted))
    wrong('qcow2', 'an external data file has no compressed clusters, no snapshots and no encryption here');
  if (qcow2.dataFile === 'raw' && (backing !== undefined || zeroes !== undefined))
    wrong('qcow2', 'a raw data file reads as the disk does: it has no backing file and no zero clusters');
  if (qcow2.encrypted && (qcow2.compressed || qcow2.snapshots !== undefined))
    wrong('qcow2', 'an encrypted image has no compressed clusters and no snapshots here');
  if (qcow2.extendedL2 && clusterBytes < 16_384)
    wrong('qcow2', 'extendedL2 wants clusters of 16 KiB at least');
}

/** Where an image can't lie, or what can't open it. */
function checkPlace(disk: Disk, wrong: (field: keyof Disk, message: string) => never): void {
  const { format, qcow2, frontend, legacyDrive } = disk;
  const isSeveral = isEncrypted(disk) || qcow2?.dataFile !== undefined;
  if (storageKind(disk) !== 'file' && (isSeveral || (format !== 'raw' && format !== 'qcow2')))
    wrong('storage', 'a server has raw and qcow2 images, neither encrypted nor with a data file');
  if (isSeveral && (frontend === 'drive' || frontend === 'auto' || legacyDrive))
    wrong('frontend', 'a drive opens an image without a key or a data file; use nbd');
  if (isSeveral && disk.servedBy !== undefined)
    wrong('servedBy', 'the destination has neither the key nor the data file');
}

/** What a disk can't be as a device of the machine. */
function checkDevice(
  disk: Disk,
  { machine, iothreads = [] }: Pick<Arena, 'machine' | 'iothreads'>,
  wrong: (field: keyof Disk, message: string) => never,
): void {
  const { frontend, queues = [], sizeBytes } = disk;
  if (machine !== 'pc') wrong('frontend', `${frontend} wants \`"machine": "pc"\``);
  const unknown = queues.find((name) => !iothreads.includes(name));
  if (unknown !== undefined) wrong('queues', `the arena has no iothread "${unknown}"`);
  if (queues.length > 0 && disk.iothread !== undefined) wrong('queues', 'either `queues` or `iothread`');
  const isVirtio = frontend === 'virtio' || frontend === 'scsi';
  if (!isVirtio && (disk.iothread !== undefined || queues.length > 0))
    wrong('iothread', `only virtio and scsi have iothreads, ${frontend} has none`);
  if (frontend !== 'virtio' && (sizeBytes === 0 || sizeBytes % 512 !== 0))
    wrong('sizeBytes', 'a device has whole sectors of 512 bytes, one at least');
  if (disk.legacyDrive && (disk.layers !== undefined || storageKind(disk) !== 'file' || frontend === 'ide'))
    wrong('legacyDrive', 'a drive opens a local file without layers, and an ide disk is there before it');
}

/** What one blkdebug node can't do: it counts one kind of request, and only those that it has an event for. */
function checkErrors(errors: readonly Inject[], path: Path, complain: Complain): void {
  for (const { sector, sectors, nth, event, iotype } of errors) {
    if (sector !== undefined && sectors !== undefined) complain(path, 'either `sector` or `sectors`');
    if (nth !== undefined && event === undefined && countedBy(iotype) === undefined)
      complain(path, '`nth` wants an `event`, or an iotype of read, write, write-zeroes or flush');
  }
  if (errors.filter(({ nth }) => nth !== undefined).length > 1)
    complain(path, 'only one error of a disk can be counted by `nth`');
}

const oddSize = (format: string): string =>
  `a ${format} image is a multiple of 512 bytes long; raw may be any size`;

/** Checks the references within a value; the names of the disks that they make. */
function checkReferences(value: Json, path: Path, disks: readonly string[], complain: Complain): string[] {
  const reference = asReference(value);
  switch (reference?.kind) {
    case 'newDisk': {
      const named = diskNameSchema.safeParse(reference.disk);
      if (!named.success) complain(path, `"${reference.disk}" is not ${named.error.issues[0]?.message}`);
      if (reference.backing !== undefined && !disks.includes(reference.backing))
        complain(path, `the arena has no disk "${reference.backing}"`);
      if (reference.format === 'qcow2' && (reference.sizeBytes ?? 0) % 512 !== 0)
        complain(path, oddSize('qcow2'));
      return [reference.disk];
    }
    case 'newFile':
      mustBePlain(reference.file, path, complain);
      return [];
    case 'path':
      mustBePlain(reference.disk, path, complain);
      return [];
    case undefined:
      break;
    default:
      return [];
  }
  if (value === null || typeof value !== 'object') return [];
  const form = Array.isArray(value) ? undefined : Object.keys(forms).find((key) => key in value);
  if (form !== undefined)
    complain(path, `${form} is written ${forms[form]}; {"literal": …} sends a value as it is`);
  return Object.entries(value).flatMap(([key, inner]) =>
    checkReferences(inner, [...path, Array.isArray(value) ? Number(key) : key], disks, complain),
  );
}

/** Members that no command of QEMU has: an object with one of them, and yet no reference, is a slip. */
const forms: Record<string, string> = {
  newDisk:
    '{"newDisk": NAME, "format": "raw" or "qcow2", "sizeBytes": N, "backing": DISK}, all but the first optional',
  newFile: '{"newFile": NAME}',
  number: '{"number": "DIGITS"}',
};

function checkImage(image: ImageRef, path: Path, known: readonly string[], complain: Complain): void {
  if (typeof image !== 'string') mustBePlain(image.file, [...path, 'file'], complain);
  else if (!known.includes(image)) complain(path, `no disk "${image}" is in the arena or made by a step`);
}

function mustBePlain(file: string, path: Path, complain: Complain): void {
  if (!plainFileName.test(file)) complain(path, `"${file}" is no plain file name`);
}

const plainFileName = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;
