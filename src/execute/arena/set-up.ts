import { join } from 'node:path';
import { hasTrait } from '../../qemu/versions.ts';
import type { DeviceFrontend, Disk } from '../../sequence/arena.ts';
import { seedTextFor } from '../../sequence/fill.ts';
import type { Json } from '../../sequence/step.ts';
import { driveAdd, readDriveAdd } from '../../target/guest/hmp.ts';
import type { ImageSpec } from '../../target/images/image-store.ts';
import { makeRoom } from '../faults/disk-full.ts';
import { serveImage } from '../faults/storage-faults.ts';
import { type Answer, type Command, isOk, issueAll, type PlacedDisk, type Run } from '../run.ts';
import { remoteNode, startDestination } from './destination.ts';
import { startGuest } from './guest-machine.ts';
import { hasObjectsFromStart, mayHaveFileInside, openDisk, sharedObjects } from './nodes.ts';

/** Makes the arena: images, nodes, frontends. false, with the reason in the trace, where QEMU refuses part of it. */
export async function setUp(run: Run): Promise<boolean> {
  const { disks } = run.sequence.arena;
  const served = disks.filter(({ servedBy }) => servedBy === 'destination');
  const { incoming } = run.sequence.arena;
  for (const disk of incoming === 'shared' ? disks : served) placeImage(run, disk);
  const wantsDestination = served.length > 0 || incoming !== undefined;
  if (wantsDestination) run.destination = await startDestination(run, served);
  if (wantsDestination && !run.destination) return false;
  return openArena(run);
}

/** Opens the arena's disks and exports them; images that are not there yet are placed. */
export async function openArena(run: Run): Promise<boolean> {
  const { arena } = run.sequence;
  const pending: Promise<boolean>[] = [];
  const send = (commands: Command[]): void => {
    const mine = commands.filter(isQmp(run));
    if (mine.length > 0)
      pending.push(issueAll(run, mine).then((answers) => noteAccepted(run, mine, answers)));
  };
  send(sharedObjects(arena, dialect(run)));
  // QEMU opens one disk while the next one's image is written.
  for (const disk of arena.disks) {
    if (!run.disks.has(disk.name)) {
      placeImage(run, disk);
      await serveImage(run, disk);
    }
    if (disk.open !== false) send(openCommands(run, disk));
  }
  send((arena.nodes ?? []).map((options) => ({ name: 'blockdev-add', args: options })));
  send(exportCommands(run, arena.disks));
  const accepted = await Promise.all(pending);
  return accepted.every(Boolean) && (await startGuest(run)) && openWriters(run, arena.disks);
}

/** What QEMU accepted is what tear-down has to take back. Whether that is everything. */
function noteAccepted(run: Run, commands: Command[], answers: Answer[]): boolean {
  const done = commands.filter((command, i) => accepted(command, answers[i] as Answer));
  for (const command of done) noteToUndo(run, command);
  return done.length === answers.length;
}

/** The 5.2 storage daemon has no object-add: its objects come on the command line (sessions/sessions.ts), and stay. */
const isQmp =
  (run: Run) =>
  (command: Command): boolean =>
    command.name !== 'object-add' || !hasObjectsFromStart(run.session);

function noteToUndo(run: Run, { name, args }: Command): void {
  if (name === 'object-add') run.objects.push(args.id as string);
  if (name === 'block-export-add') run.exports.push(args.id as string);
  if (name === 'nbd-server-start') run.nbdServer = true;
}

/** Puts a disk's image file into the run's directory. */
export function placeImage(run: Run, disk: Disk): void {
  const { path } = run.images.place(imageSpec(run, disk), run.dir);
  const placed: PlacedDisk = { disk, path, open: false };
  run.disks.set(disk.name, placed);
  makeRoom(placed);
}

/** The commands that open a placed disk; notes what will have to be undone. */
export function openCommands(run: Run, disk: Disk): Command[] {
  const placed = run.disks.get(disk.name);
  if (!placed) return [];
  placed.open = true;
  if (disk.servedBy === 'destination') return [remoteNode(run, disk)];
  if (frontend(run, disk) === 'drive' || disk.legacyDrive) {
    placed.drive = driveId(disk.name);
    const line = driveAdd({
      id: placed.drive,
      file: placed.path,
      format: disk.format,
      nodeName: disk.name,
      ...(disk.readOnly === undefined ? {} : { readOnly: disk.readOnly }),
      ...(disk.discard === undefined ? {} : { discard: disk.discard }),
      ...(disk.detectZeroes === undefined ? {} : { detectZeroes: disk.detectZeroes }),
    });
    return [{ name: 'human-monitor-command', args: { 'command-line': line } }];
  }
  const backing = disk.backing === undefined ? undefined : run.disks.get(disk.backing)?.disk;
  placed.fileInside = mayHaveFileInside(disk, run.sequence);
  const opened = openDisk(disk, placed.path, backing, {
    ...dialect(run),
    fileInside: placed.fileInside,
    roomBytes: placed.roomBytes,
    served: placed.served,
  });
  placed.options = opened.options;
  return opened.commands;
}

/** What the guest reaches the disk through in this flavour; the daemon has no drives. */
export function frontend(run: Run, disk: Disk): 'none' | 'drive' | 'nbd' | DeviceFrontend {
  const wanted = disk.frontend ?? 'none';
  if (wanted === 'auto') return run.session.flavour === 'system' ? 'drive' : 'nbd';
  return wanted;
}

export const driveId = (disk: string): string => `drive-${disk}`;
export const exportId = (disk: string): string => `export-${disk}`;

/** HMP answers with text also when it refuses. */
export function accepted(command: Command, answer: Answer): boolean {
  if (!isOk(answer)) return false;
  if (command.name !== 'human-monitor-command' || answer.kind !== 'reply') return true;
  return typeof answer.return === 'string' && readDriveAdd(answer.return) === 'ok';
}

const dialect = (run: Run): { objectProps: boolean } => ({
  objectProps: !hasTrait(run.session.target.version, 'plain object-add'),
});

function imageSpec(run: Run, disk: Disk): ImageSpec {
  const backing = run.sequence.arena.disks.find(({ name }) => name === disk.backing);
  return {
    name: disk.name,
    format: disk.format,
    sizeBytes: disk.sizeBytes,
    fill: disk.fill ?? 'empty',
    ...(disk.bootable ? { bootable: true } : {}),
    ...(disk.zeroes ? { zeroes: disk.zeroes } : {}),
    ...(disk.qcow2 ? { qcow2: disk.qcow2 } : {}),
    seedText: seedTextFor(disk.name, run.sequence.seed),
    ...(disk.clusterBytes === undefined ? {} : { clusterBytes: disk.clusterBytes }),
    ...(backing ? { backing: { file: `${backing.name}.${backing.format}`, format: backing.format } } : {}),
  };
}

function exportCommands(run: Run, disks: readonly Disk[]): Command[] {
  const exported = disks.filter((disk) => isExported(run, disk));
  if (exported.length === 0) return [];
  const server: Command = {
    name: 'nbd-server-start',
    args: { addr: { type: 'unix', data: { path: nbdSocket(run) } } },
  };
  return [
    server,
    ...exported.map((disk) => {
      const args: Record<string, Json> = {
        id: exportId(disk.name),
        type: 'nbd',
        'node-name': disk.through ?? disk.name,
        name: disk.name,
        writable: disk.readOnly !== true,
        ...(disk.iothread === undefined ? {} : { iothread: disk.iothread }),
      };
      return { name: 'block-export-add', args };
    }),
  ];
}

/**
 * A drive that the guest writes to is exported beside its BlockBackend: HMP's `qemu-io` reports no I/O error, and both
 * stand above the mirror's filter and pivot with it (tried on all versions).
 */
function isExported(run: Run, disk: Disk): boolean {
  if (disk.open === false) return false;
  const kind = frontend(run, disk);
  return kind === 'nbd' || (kind === 'drive' && usedByGuest(run, disk));
}

function usedByGuest(run: Run, { name }: Disk): boolean {
  return run.sequence.steps.some((step) => 'guest' in step && step.disk === name && step.via === undefined);
}

export const nbdSocket = (run: Run): string => join(run.dir, 'nbd.sock');

/** A writer is connected only where some guest step will use it. */
async function openWriters(run: Run, disks: readonly Disk[]): Promise<boolean> {
  let slot = 0;
  for (const disk of disks) {
    if (!usedByGuest(run, disk) || !isExported(run, disk)) continue;
    const writer = run.writers.take(slot++);
    const seedText = seedTextFor(disk.name, run.sequence.seed);
    const opened = await writer.open({ socket: nbdSocket(run), export: disk.name, seedText });
    if (opened !== 'ok') return false;
    run.writers.open.set(disk.name, writer);
  }
  return true;
}
