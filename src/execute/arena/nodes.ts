import { hasTrait } from '../../qemu/versions.ts';
import { type Arena, type Disk, isEncrypted, type Layer, type Throttle } from '../../sequence/arena.ts';
import { diskKey } from '../../sequence/disk-key.ts';
import type { Sequence } from '../../sequence/sequence.ts';
import type { Json } from '../../sequence/step.ts';
import type { Served } from '../../target/storage/storage.ts';
import type { Flavour } from '../../trace/observation.ts';
import { blkdebug } from '../faults/blkdebug.ts';
import type { Command } from '../run.ts';

type Options = Record<string, Json>;

/**
 * The commands that open a disk's image: file node, layers from the bottom up, format node on top under the disk's
 * own name. Layer nodes are called NAME-file, NAME-throttle, NAME-blkdebug, NAME-room, NAME-prealloc, so that hostile
 * steps can aim at them.
 * `fileInside`: the file node is made with the format node, in one command, and goes with it.
 */
export function openDisk(
  disk: Disk,
  path: string,
  backing: Disk | undefined,
  how: {
    objectProps: boolean;
    fileInside?: boolean;
    roomBytes?: number | undefined;
    served?: Served | undefined;
  },
): { commands: Command[]; options: Options } {
  const commands: Command[] = [];
  const discard = disk.discard === undefined ? {} : { discard: disk.discard };
  const readOnly = {
    ...(disk.readOnly ? { 'read-only': true } : {}),
    ...(disk.autoReadOnly ? { 'auto-read-only': true } : {}),
  };
  const protocol = how.served?.node ?? { driver: 'file', filename: path };
  const file: Options = { ...protocol, 'node-name': `${disk.name}-file`, ...discard, ...readOnly };
  if (!how.fileInside) commands.push(add(file));

  let below = `${disk.name}-file`;
  for (const layer of [...(disk.layers ?? [])].reverse()) {
    const name = layerNode(disk.name, layer);
    if ('throttle' in layer) {
      const group = throttleGroup(disk);
      if (layer.throttle.group === undefined) commands.push(objectAdd('throttle-group', group, {}, how));
      commands.push(
        add({
          driver: 'throttle',
          'node-name': name,
          'throttle-group': group,
          file: below,
          ...readOnly,
          ...discard,
        }),
      );
    } else if ('room' in layer) {
      commands.push(add({ ...roomNode(disk, below, how.roomBytes), ...readOnly }));
    } else if ('preallocate' in layer) {
      commands.push(add({ driver: 'preallocate', 'node-name': name, file: below, ...readOnly, ...discard }));
    } else {
      commands.push(add({ ...blkdebug(name, below, layer.blkdebug), ...readOnly, ...discard }));
    }
    below = name;
  }

  if (disk.qcow2?.dataFile) {
    const filename = path.replace(/\.qcow2$/, '.data');
    commands.push(
      add({ driver: 'file', 'node-name': dataNode(disk.name), filename, ...discard, ...readOnly }),
    );
  }
  const options: Options = {
    driver: disk.format,
    'node-name': disk.name,
    file: below,
    ...keyOf(disk),
    ...(disk.qcow2?.dataFile ? { 'data-file': dataNode(disk.name) } : {}),
    ...discard,
    ...readOnly,
    ...(disk.detectZeroes === undefined ? {} : { 'detect-zeroes': disk.detectZeroes }),
    ...(backing && backing.open !== false ? { backing: backing.name } : {}),
  };
  // A node made inside another would take "unmap" by itself.
  commands.push(
    add(how.fileInside ? { ...options, file: { ...file, discard: disk.discard ?? 'ignore' } } : options),
  );
  // Only now: opening the image reads it, and would take as long as the limit wants.
  for (const layer of disk.layers ?? [])
    if ('throttle' in layer) commands.push(limitRate(disk, layer.throttle));
  return { commands, options };
}

/**
 * QEMU reads a byte per main-loop turn, and two commands for a node and its file cost a fifth of all that a run sends. A
 * file node that a step names must stay when the format node goes; one that is read-only, when a job makes that writable.
 */
export function mayHaveFileInside(
  { name, layers = [], readOnly }: Disk,
  { steps, arena }: Pick<Sequence, 'steps' | 'arena'>,
): boolean {
  if (layers.length > 0 || readOnly) return false;
  const named = JSON.stringify([steps, arena.nodes ?? []]);
  return !named.includes(`${name}-file`) && !named.includes('"layer":"file"');
}

/** The group of a disk's throttle layer: its own, or one that it shares. */
export function throttleGroup({ name, layers = [] }: Pick<Disk, 'name' | 'layers'>): string {
  const shared = layers.flatMap((layer) => ('throttle' in layer ? (layer.throttle.group ?? []) : []))[0];
  return shared ?? `throttle-${name}`;
}

/** The node of an image's data file. */
export const dataNode = (disk: string): string => `${disk}-data`;

/** What the format node finds the arena's key by. */
function keyOf(disk: Disk): Options {
  if (disk.format === 'luks') return { 'key-secret': diskKey.id };
  return disk.qcow2?.encrypted ? { encrypt: { format: 'luks', 'key-secret': diskKey.id } } : {};
}

/** The objects that every disk may use: iothreads, shared throttle groups, the key of those that are encrypted. */
export const sharedObjects = (
  { iothreads = [], throttleGroups = [], disks }: Arena,
  dialect: { objectProps: boolean },
): Command[] => [
  ...iothreads.map((id) => objectAdd('iothread', id, {}, dialect)),
  ...throttleGroups.map((id) => objectAdd('throttle-group', id, {}, dialect)),
  ...(disks.some(isEncrypted) ? [objectAdd('secret', diskKey.id, { data: diskKey.data }, dialect)] : []),
];

/** Sets the limits of a disk's throttle layer; none of a kind is 0. `sided`: those of one direction may be set, too. */
export function limitRate(
  disk: Pick<Disk, 'name' | 'layers'>,
  { bytesPerSecond = 0, iops = 0, only }: Partial<Throttle>,
  sided = only !== undefined,
): Command {
  const of = (which: Throttle['only']): [bps: number, iops: number] =>
    only === which ? [bytesPerSecond, iops] : [0, 0];
  const value: Record<string, Json> = { 'bps-total': of(undefined)[0], 'iops-total': of(undefined)[1] };
  if (sided) {
    [value['bps-read'], value['iops-read']] = of('reads');
    [value['bps-write'], value['iops-write']] = of('writes');
  }
  return { name: 'qom-set', args: { path: `/objects/${throttleGroup(disk)}`, property: 'limits', value } };
}

/** Until 5.2 an object's properties came in `props`; since 6.0 they stand beside `id`. */
export function objectAdd(
  type: string,
  id: string,
  props: Options,
  dialect: { objectProps: boolean },
): Command {
  const args = dialect.objectProps ? { 'qom-type': type, id, props } : { 'qom-type': type, id, ...props };
  return { name: 'object-add', args };
}

/** The 5.2 storage daemon has no object-add: its objects come with the session. */
export const hasObjectsFromStart = ({
  flavour,
  target,
}: {
  flavour: Flavour;
  target: { version: string };
}): boolean => flavour === 'daemon' && !hasTrait(target.version, 'plain object-add');

/** An arena's objects as `--object` values, for a program that has no object-add. */
export function commandLineObjects(arena: Arena): string[] {
  const groups = arena.disks.flatMap((disk) =>
    (disk.layers ?? []).flatMap((layer) =>
      'throttle' in layer && layer.throttle.group === undefined
        ? [`throttle-group,id=${throttleGroup(disk)}`]
        : [],
    ),
  );
  const shared = (arena.throttleGroups ?? []).map((id) => `throttle-group,id=${id}`);
  const key = arena.disks.some(isEncrypted) ? [`secret,id=${diskKey.id},data=${diskKey.data}`] : [];
  return [...(arena.iothreads ?? []).map((id) => `iothread,id=${id}`), ...shared, ...groups, ...key];
}

/** The node of a layer: NAME-throttle, NAME-blkdebug, NAME-room or NAME-prealloc. */
export const layerNode = (disk: string, layer: Layer): string =>
  `${disk}-${'preallocate' in layer ? 'prealloc' : Object.keys(layer)[0]}`;

/** What stands under a qcow2 node as a small file system would: a raw node of a fixed size answers ENOSPC beyond it. */
export function roomNode({ name, discard }: Disk, file: string, sizeBytes: number | undefined): Options {
  return {
    driver: 'raw',
    'node-name': `${name}-room`,
    file,
    ...(sizeBytes === undefined ? {} : { size: sizeBytes }),
    ...(discard === undefined ? {} : { discard }),
  };
}

const add = (options: Options): Command => ({ name: 'blockdev-add', args: options });
