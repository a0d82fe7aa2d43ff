import { startSession } from '../../target/process/session.ts';
import { trackJobs } from '../../trace/jobs-seen.ts';
import { type Armed, allOk, refused } from '../faults/inserted-node.ts';
import { limits } from '../limits.ts';
import { speakDialect, watch } from '../record-session.ts';
import { issueAll, type PlacedDisk, type Run, until } from '../run.ts';
import { commandLineObjects, hasObjectsFromStart } from './nodes.ts';
import { heldBefore } from './process-resources.ts';
import { openArena, openCommands } from './set-up.ts';

/**
 * Starts the same program again after it was killed or has quit, and opens the same nodes on the images as they are.
 * Nothing else of the first one lives on: no job, no node that a step added, no request. The judge reads what follows
 * as a run of its own.
 */
export async function restart(run: Run, step: number): Promise<Armed> {
  if (!run.session.exited()) return refused('QEMU is still there');
  await nothingInFlight(run);
  const { target, flavour, hardware, oob, dir } = run.session;
  const { network, devices } = run.storage ?? {};
  const objects = hasObjectsFromStart(run.session) ? commandLineObjects(run.sequence.arena) : [];
  run.session.observe(() => {});
  run.session = await startSession({
    target,
    flavour,
    hardware,
    oob,
    objects,
    dir,
    ...(network ? { network } : {}),
    ...(devices ? { devices } : {}),
  });
  run.restarted = true;
  forgetFormer(run);
  run.recorder.record({ kind: 'restarted', step });
  watch(run);
  heldBefore(run);

  const openBefore = [...run.disks.values()].filter(({ open }) => open);
  for (const placed of openBefore) close(placed);
  run.recorder.record({ kind: 'phase', phase: 'set-up' });
  const isArenas = ({ disk }: PlacedDisk): boolean =>
    run.sequence.arena.disks.some(({ name }) => name === disk.name);
  const opened = await openArena(run);
  const made = openBefore.filter((placed) => !isArenas(placed));
  const others = opened
    ? await issueAll(
        run,
        made.flatMap(({ disk }) => openCommands(run, disk)),
      )
    : [];
  run.recorder.record({ kind: 'phase', phase: 'steps' });
  speakDialect(run);
  if (!opened) return refused('the arena could not be opened again');
  return allOk(others);
}

/** Those whose answers never came learn it from the socket's end. */
async function nothingInFlight(run: Run): Promise<void> {
  for (const writer of run.writers.open.values()) writer.abandon();
  run.writers.open.clear();
  const isQuiet = (): boolean => run.disconnected && run.inFlight.commands + run.inFlight.guest === 0;
  await until(run, () => (isQuiet() ? 'quiet' : undefined), limits.settleDeadlineMs);
}

function forgetFormer(run: Run): void {
  run.jobs = trackJobs();
  run.exports = [];
  run.objects = [];
  run.nbdServer = run.suspended = run.broken = run.disconnected = false;
  run.unsyncedBytes = 0;
}

function close(placed: PlacedDisk): void {
  placed.open = false;
  delete placed.drive;
  delete placed.options;
  if (placed.inserted) delete placed.roomBytes;
  delete placed.inserted;
}
