import { EnvironmentError, ofThing } from '../../errors.ts';
import type { Disk } from '../../sequence/arena.ts';
import { serverOf, troubleOf } from '../../sequence/optional.ts';
import type { FaultStep } from '../../sequence/step.ts';
import type { Run } from '../run.ts';
import { type Armed, refused } from './inserted-node.ts';

/** Has the disk's server serve its image, where the arena says that it does not lie in a local file. */
export async function serveImage(run: Run, disk: Disk): Promise<void> {
  const placed = run.disks.get(disk.name);
  const { storage: options = 'file', name, readOnly = false } = disk;
  if (options === 'file' || !placed || !run.storage) return;
  const { storage } = run;
  const image = { name, path: placed.path, readOnly, options };
  placed.served = await blaming(serverOf(disk) ?? 'file', () => storage.serve(image));
  run.recorder.record({ kind: 'served', disk: name, url: placed.served.url, node: placed.served.node });
}

/** What is the matter with one disk's server from now on. */
export async function serverIs(run: Run, step: Extract<FaultStep, { fault: 'server' }>): Promise<Armed> {
  const placed = run.disks.get(step.disk);
  if (!placed?.served) return refused(`no server has ${step.disk}`);
  const { served } = placed;
  const server = serverOf(placed.disk) ?? 'nbd';
  // A server that does not come back is of no use, whatever was the matter with it.
  const thing = step.is === 'well' ? server : troubleOf(server, step.is);
  const armed = await blaming(thing, () => served.become(step.is, step.errno));
  if (armed.outcome === 'refused') return armed;
  if (step.is === 'well') delete placed.unwell;
  else if (step.is !== 'cut') placed.unwell = true;
  return armed;
}

/** Takes back whatever is the matter with any of them. */
export async function serversWell(run: Run): Promise<void> {
  for (const placed of run.disks.values()) {
    if (!placed.unwell) continue;
    await blaming(serverOf(placed.disk) ?? 'nbd', async () => placed.served?.become('well'));
    delete placed.unwell;
  }
}

/** QEMU has closed the images: what their servers still hold goes into the files. */
export async function imagesReleased(run: Run): Promise<void> {
  const stopped = await Promise.allSettled(
    [...run.disks.values()].map(({ disk, served }) =>
      blaming(serverOf(disk) ?? 'file', async () => served?.stop()),
    ),
  );
  for (const each of stopped) if (each.status === 'rejected') throw each.reason;
}

/** A failure of the machine meanwhile is that thing's. */
async function blaming<T>(thing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof EnvironmentError ? ofThing(error, thing) : error;
  }
}
