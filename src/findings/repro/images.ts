import { type Disk, isEncrypted } from '../../sequence/arena.ts';
import { diskKey } from '../../sequence/disk-key.ts';
import { allocatedRuns, contentRuns, seedTextFor, zeroRuns } from '../../sequence/fill.ts';
import { disksMadeBySteps } from '../../sequence/new-disk.ts';
import { bootFile } from './booted-guest.ts';
import { keyObject } from './opened-image.ts';
import type { Plan } from './plan.ts';
import { quote } from './shell.ts';

/**
 * The commands that make the images. Which byte a disk is filled with does not matter, only where it holds data and that
 * no two disks hold the same.
 */
export function imageCommands({ sequence, setUp }: Pick<Plan, 'sequence' | 'setUp'>): string[] {
  const disks = [...sequence.arena.disks, ...disksMadeBySteps(sequence)];
  return disks.flatMap((disk, i) => [
    create(disk, disks),
    ...zero(disk, disks),
    ...fill(disk, disks, sequence.seed, fillByte(i)),
    ...(disk.bootable ? [opened(disk, disks, `-c 'write -q -s ${bootFile} 0 512'`)] : []),
    ...Array.from(
      { length: disk.qcow2?.snapshots ?? 0 },
      (_, at) => `qemu-img snapshot -c s${at} ${imageFile(disk)}`,
    ),
    ...(disk.format === 'raw' && disk.sizeBytes % 512 !== 0 ? [resize(disk)] : []),
    ...roomFor(disk, setUp),
  ]);
}

/** The byte that the disk of that number is filled with; guests write smaller ones. */
export const fillByte = (number: number): number => 0xa1 + (number % 64);

export const imageFile = ({ name, format }: Pick<Disk, 'name' | 'format'>): string =>
  quote(`${name}.${format}`);

function create(disk: Disk, disks: readonly Disk[]): string {
  const { format, sizeBytes, clusterBytes } = disk;
  if (format === 'raw') return resize(disk);
  const backing = disks.find(({ name }) => name === disk.backing);
  const below = backing ? ` -u -b ${imageFile(backing)} -F ${backing.format}` : '';
  const { extendedL2, preallocation, dataFile, encrypted } = disk.qcow2 ?? {};
  const options = [
    ...(clusterBytes === undefined ? [] : [`cluster_size=${clusterBytes}`]),
    ...(extendedL2 ? ['extended_l2=on'] : []),
    ...(preallocation ? [`preallocation=${preallocation}`] : []),
    ...(dataFile ? [`data_file=${disk.name}.data`] : []),
    ...(dataFile === 'raw' ? ['data_file_raw=on'] : []),
    ...(encrypted ? ['encrypt.format=luks', `encrypt.key-secret=${diskKey.id}`, 'encrypt.iter-time=10'] : []),
    ...(format === 'luks' ? [`key-secret=${diskKey.id}`, 'iter-time=10'] : []),
  ];
  const cluster = options.length === 0 ? '' : ` -o ${options.join(',')}`;
  const key = isEncrypted(disk) ? ` ${keyObject}` : '';
  return `qemu-img create -q${key} -f ${format}${cluster}${below} ${imageFile(disk)} ${sizeBytes}`;
}

/** How qemu-io opens the image; neither a name nor a header can say where a key is. */
function opened(disk: Disk, disks: readonly Disk[], commands: string): string {
  const chain = chainOf(disk, disks);
  if (!chain.some(isEncrypted)) return `qemu-io -f ${disk.format} ${commands} ${imageFile(disk)}`;
  const options = chain.map((each, depth) => optionsOf(each, 'backing.'.repeat(depth)));
  return `qemu-io ${keyObject} --image-opts ${commands} ${options.join(',')}`;
}

function optionsOf(disk: Disk, prefix: string): string {
  const key = disk.format === 'luks' ? 'key-secret' : 'encrypt.key-secret';
  return [
    `driver=${disk.format}`,
    ...(isEncrypted(disk) ? [`${key}=${diskKey.id}`] : []),
    `file.filename=${imageFile(disk)}`,
  ]
    .map((option) => `${prefix}${option}`)
    .join(',');
}

/** The disk and what it stands on. */
function chainOf(disk: Disk, disks: readonly Disk[]): Disk[] {
  const below = disks.find(({ name }) => name === disk.backing);
  return below ? [disk, ...chainOf(below, disks)] : [disk];
}

/** A raw image is a file of its size; qemu-io rounds up to whole sectors, which this takes back. */
const resize = (disk: Disk): string => `truncate -s ${disk.sizeBytes} ${imageFile(disk)}`;

/** A raw node of a fixed size, below which there is room, wants a file as large. */
function roomFor(disk: Disk, setUp: Plan['setUp']): string[] {
  const node = setUp.find(({ args }) => args['node-name'] === `${disk.name}-room`);
  return typeof node?.args.size === 'number' ? [`truncate -s '>${node.args.size}' ${imageFile(disk)}`] : [];
}

function zero(disk: Disk, disks: readonly Disk[]): string[] {
  const { zeroes = [], sizeBytes, clusterBytes } = disk;
  const writes = zeroRuns(zeroes, sizeBytes, clusterBytes).map(
    ([at, length]) => `-c 'write -q -z ${at} ${length}'`,
  );
  return writes.length === 0 ? [] : [opened(disk, disks, writes.join(' \\\n  '))];
}

function fill(disk: Disk, disks: readonly Disk[], seed: number | undefined, byte: number): string[] {
  const { fill = 'empty', sizeBytes, name, clusterBytes, qcow2 } = disk;
  // An encrypted image reads as noise where nothing was written.
  const noise = disk.format === 'luks' ? [`-c 'write -q -P 0 0 ${sizeBytes}'`] : [];
  const own = contentRuns(fill, sizeBytes, seedTextFor(name, seed));
  // Compressed clusters are written whole.
  const compressed = qcow2?.compressed ? ' -c' : '';
  const runs = qcow2?.compressed ? allocatedRuns(own, sizeBytes, clusterBytes) : own;
  if (runs.length + noise.length === 0) return [];
  const data = runs.flatMap(([offset, length]) =>
    pieces(offset, length).map(([at, size]) => `-c 'write -q${compressed} -P ${byte} ${at} ${size}'`),
  );
  const writes = [...noise, ...data];
  return [opened(disk, disks, writes.join(' \\\n  '))];
}

/** qemu-io holds what it writes in memory. */
function pieces(offset: number, length: number): [number, number][] {
  const most = 64 * 2 ** 20;
  const count = Math.ceil(length / most);
  return Array.from({ length: count }, (_, i) => [offset + i * most, Math.min(most, length - i * most)]);
}
