import { statSync, truncateSync } from 'node:fs';
import { hasTrait } from '../../qemu/versions.ts';
import type { Disk } from '../../sequence/arena.ts';
import { layerNode, roomNode } from '../arena/nodes.ts';
import { type Command, issueAll, type PlacedDisk, type Run } from '../run.ts';
import { type Armed, allOk, insertedNode, insertNode, refused, removeNode } from './inserted-node.ts';

/**
 * A full file system under a disk, as an ordinary user can have one: a raw node of a fixed size below the qcow2 node,
 * which answers ENOSPC to what lies beyond (QEMU's iotest 248). A layer of the arena does it on every version; without
 * one the node is put in by `blockdev-reopen`.
 */
export async function fillDisk(run: Run, name: string, step: number): Promise<Armed> {
  const placed = run.disks.get(name);
  if (!placed?.open || !placed.options) return refused(`${name} has no node to inject below`);
  if (placed.served) return refused('the server that has the image can be full, not the image');
  if (placed.disk.format !== 'qcow2') return refused('only a qcow2 image is followed as it grows');
  if (!hasRoomLayer(placed.disk)) {
    // Without a size, since one of a fixed size would not let the format node resize the file until it is there.
    const options = (node: string, file: string) => ({ driver: 'raw', 'node-name': node, file });
    const inserted = await insertNode(run, name, { purpose: 'fill', valve: false, options }, step);
    if (inserted.outcome === 'refused') return inserted;
  }
  const bytes = usedBytes(placed);
  placed.roomBytes = bytes;
  const armed = await limit(run, placed, bytes, step);
  if (armed.outcome === 'armed' && usedBytes(placed) <= bytes) return armed;
  await giveRoom(run, placed, step);
  return armed.outcome === 'refused' ? armed : refused('the image grew meanwhile');
}

/** Gives a disk all the room that it wants. */
export async function giveRoom(run: Run, placed: PlacedDisk, step?: number): Promise<Armed> {
  if (placed.roomBytes === undefined || !placed.options) return { outcome: 'armed' };
  const armed = await limit(run, placed, undefined, step);
  if (armed.outcome === 'refused' && step !== undefined) return armed;
  delete placed.roomBytes;
  return removeNode(run, placed.disk.name, 'fill', step);
}

/** A raw node can't be larger than its file: one that has room from the start gets it as a hole. */
export function makeRoom(placed: PlacedDisk): void {
  const wanted = roomLayer(placed.disk)?.room.bytes;
  if (wanted === undefined) return;
  placed.roomBytes = Math.max(wanted, usedBytes(placed));
  truncateSync(placed.path, placed.roomBytes);
}

/** Before 6.1 the command was called otherwise, took the options of one node, and could replace none below it. */
async function limit(run: Run, placed: PlacedDisk, bytes?: number, step?: number): Promise<Armed> {
  const { disk } = placed;
  const options = hasRoomLayer(disk)
    ? roomNode(disk, nodeBelowRoom(disk), bytes)
    : {
        driver: 'raw',
        'node-name': insertedNode(placed),
        file: placed.options?.file as string,
        ...(bytes === undefined ? {} : { size: bytes }),
      };
  const command: Command = hasTrait(run.session.target.version, 'blockdev-reopen')
    ? { name: 'blockdev-reopen', args: { options: [options] } }
    : { name: 'x-blockdev-reopen', args: options };
  return allOk(await issueAll(run, [command], step));
}

function nodeBelowRoom({ name, layers = [] }: Disk): string {
  const next = layers[layers.findIndex((layer) => 'room' in layer) + 1];
  return next === undefined ? `${name}-file` : layerNode(name, next);
}

const roomLayer = ({ layers = [] }: Disk) => layers.find((layer) => 'room' in layer);
const hasRoomLayer = (disk: Disk): boolean => roomLayer(disk) !== undefined;
const usedBytes = ({ path }: PlacedDisk): number => statSync(path).size;
