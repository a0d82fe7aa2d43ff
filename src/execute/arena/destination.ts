import { join } from 'node:path';
import { EnvironmentError } from '../../errors.ts';
import type { Disk } from '../../sequence/arena.ts';
import type { Session } from '../../target/process/live-session.ts';
import { uriValue } from '../../target/process/option-value.ts';
import { startSession } from '../../target/process/session.ts';
import { type Command, isOk, type Run } from '../run.ts';
import { openDisk } from './nodes.ts';

/**
 * The destination of a migration without shared storage: a second QEMU of the same build, which opens the disks that
 * the arena leaves to it and exports them by NBD. Its monitor is no part of the trace: what is judged is the source.
 */
export type Destination = { session: Session; stop(): Promise<void> };

/** Starts it with every disk of `servedBy: destination`, whose images lie in the run's directory. */
export async function startDestination(run: Run, disks: readonly Disk[]): Promise<Destination | undefined> {
  const { target, flavour } = run.session;
  const session = await startSession({ target, flavour, dir: run.dir }).catch((error: unknown) => {
    if (!(error instanceof EnvironmentError)) throw error;
    throw new EnvironmentError(`the destination: ${error.message}`, error.remedy, {
      thing: 'destination QEMU',
    });
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
  const nodes = disks.flatMap((disk) => {
    const path = run.disks.get(disk.name)?.path ?? '';
    return openDisk(disk, path, undefined, { objectProps: false }).commands;
  });
  const answers = session.client.commands([...nodes, server, ...exports]).map(({ reply }) => reply);
  const destination: Destination = { session, stop: session.stop };
  if ((await Promise.all(answers)).every(isOk)) return destination;
  await destination.stop();
  return undefined;
}

const destinationSocket = (run: Run): string => join(run.dir, 'destination.sock');

/** A disk that the destination serves, for commands that open their target themselves. */
export const destinationUri = (run: Run, disk: string): string =>
  `nbd+unix:///${disk}?socket=${uriValue(destinationSocket(run))}`;

/** How the source opens a disk that the destination serves. */
export function remoteNode(run: Run, { name }: Disk): Command {
  const server = { type: 'unix', path: destinationSocket(run) };
  return { name: 'blockdev-add', args: { driver: 'nbd', 'node-name': name, export: name, server } };
}
