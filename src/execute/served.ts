import type { Disk } from '../sequence/arena.ts';
import type { FaultStep } from '../sequence/step.ts';
import { type Armed, refused } from './inserted-node.ts';
import type { Run } from './run.ts';

/** Has the disk's server serve its image, where the arena says that it does not lie in a local file. */
export async function serveImage(run: Run, disk: Disk): Promise<void> {
  const placed = run.disks.get(disk.name);
  const { storage: options = 'file', name, readOnly = false } = disk;
  if (options === 'file' || !placed || !run.storage) return;
  placed.served = await run.storage.serve({ name, path: placed.path, readOnly, options });
  run.recorder.record({ kind: 'served', disk: name, url: placed.served.url, node: placed.served.node });
}

/** What is the matter with one disk's server from now on. */
export async function serverIs(run: Run, step: Extract<FaultStep, { fault: 'server' }>): Promise<Armed> {
  const placed = run.disks.get(step.disk);
  if (!placed?.served) return refused(`no server has ${step.disk}`);
  const armed = await placed.served.become(step.is, step.errno);
  if (armed.outcome === 'refused') return armed;
  if (step.is === 'well') delete placed.unwell;
  else if (step.is !== 'cut') placed.unwell = true;
  return armed;
}

/** Takes back whatever is the matter with any of them. */
export async function serversWell(run: Run): Promise<void> {
  for (const placed of run.disks.values()) {
    if (!placed.unwell) continue;
    await placed.served?.become('well');
    delete placed.unwell;
  }
}

/** QEMU has closed the images: what their servers still hold goes into the files. */
export async function imagesReleased(run: Run): Promise<void> {
  const served = [...run.disks.values()].map((placed) => placed.served);
  await Promise.all(served.map((each) => each?.stop()));
}
