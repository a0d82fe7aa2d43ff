import { join } from 'node:path';
import { EnvironmentError } from '../../errors.ts';
import type { Disk } from '../../sequence/arena.ts';
import type { Session } from '../../target/process/live-session.ts';
import { uriValue } from '../../target/process/option-value.ts';
import { startSession } from '../../target/process/session.ts';
import { type Command, isOk, type Run } from '../run.ts';
import { openDisk } from './nodes.ts';

/**
 * The destination of a migration: a second QEMU of the same build, which opens the disks that the arena leaves to it and
 * exports them by NBD, and waits for the machine where the arena says so (`incoming`). Its monitor is no part of the
 * trace: what is judged is the source. `hasArrived`: the machine runs there.
 */
export type Destination = { session: Session; hasArrived(): boolean; stop(): Promise<void> };

/** Starts it with every disk of `servedBy: destination`, whose images lie in the run's directory. */
export async function startDestination(run: Run, disks: readonly Disk[]): Promise<Destination | undefined> {
  const { target, flavour } = run.session;
  const { incoming } = run.sequence.arena;
  const plan = {
    target,
    flavour,
    dir: run.dir,
    ...(incoming === undefined ? {} : { incoming: true as const }),
  };
  const session = await startSession(plan).catch((error: unknown) => {
    if (!(error instanceof EnvironmentError)) throw error;
    throw new EnvironmentError(`the destination: ${error.message}`, error.remedy, {
      thing: 'destination QEMU',
    });
  });
  let arrived = false;
  session.observe((seen) => {
    arrived ||= seen.kind === 'event' && seen.name === 'RESUME';
    run.recorder.wake();
  });
  const exports = disks.map(
    (disk): Command => ({
      name: 'block-export-add',
      args: {
        id: `export-${disk.name}`,
        type: 'nbd',
        'node-name': disk.name,
        name: disk.name,
        writable: true,
      },
    }),
  );
  const server: Command = {
    name: 'nbd-server-start',
    args: { addr: { type: 'unix', data: { path: destinationSocket(run) } } },
  };
  const shared = incoming === 'shared' ? run.sequence.arena.disks.filter(isShared) : [];
  const nodes = [...shared, ...disks].flatMap((disk) => {
    const path = run.disks.get(disk.name)?.path ?? '';
    const backing = disk.backing === undefined ? undefined : run.disks.get(disk.backing)?.disk;
    return openDisk(disk, path, backing, { objectProps: false }).commands;
  });
  const waits: Command[] =
    incoming === undefined
      ? []
      : [
          { name: 'migrate-set-capabilities', args: { capabilities: [bitmapsToo] } },
          { name: 'migrate-incoming', args: { uri: incomingUri(run) } },
        ];
  const serves = disks.length > 0 ? [server, ...exports] : [];
  const answers = session.client.commands([...nodes, ...serves, ...waits]).map(({ reply }) => reply);
  const destination: Destination = { session, hasArrived: () => arrived, stop: session.stop };
  if ((await Promise.all(answers)).every(isOk)) return destination;
  await destination.stop();
  return undefined;
}

/** Storage that both reach: what a local file is to two QEMUs of one machine. */
const isShared = ({ open, servedBy, storage = 'file', layers = [] }: Disk): boolean =>
  open !== false && servedBy === undefined && storage === 'file' && layers.length === 0;

/** Bitmaps come only where the source sends them. */
const bitmapsToo = { capability: 'dirty-bitmaps', state: true };

/** Where the machine is waited for. */
export const incomingUri = (run: Run): string => `unix:${join(run.dir, 'incoming.sock')}`;

const destinationSocket = (run: Run): string => join(run.dir, 'destination.sock');

/** A disk that the destination serves, for commands that open their target themselves. */
export const destinationUri = (run: Run, disk: string): string =>
  `nbd+unix:///${disk}?socket=${uriValue(destinationSocket(run))}`;

/** How the source opens a disk that the destination serves. */
export function remoteNode(run: Run, { name }: Disk): Command {
  const server = { type: 'unix', path: destinationSocket(run) };
  return { name: 'blockdev-add', args: { driver: 'nbd', 'node-name': name, export: name, server } };
}
