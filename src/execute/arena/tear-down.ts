import { nodeName } from '../../sequence/arena.ts';
import { wantsGuest } from '../../sequence/machine.ts';
import { driveDel } from '../../target/guest/hmp.ts';
import { limits } from '../limits.ts';
import { type Command, isOk, issueAll, type Run, until } from '../run.ts';
import { clearAway, madeDrives } from './clear-away.ts';
import { blockdevDel, type Inventory, inventory, isEmpty, maySend, ourObjects } from './inventory.ts';
import { dataNode, layerNode } from './nodes.ts';
import { heldAfter } from './process-resources.ts';
import { unplug } from './unplug.ts';

/**
 * Takes the arena apart and proves that the session is pristine: no job, no node, no export, no object of ours. What
 * stays is recorded as leftover. The common case costs one packet.
 */
export async function tearDown(run: Run): Promise<boolean> {
  if (run.broken) {
    abandonWriters(run);
    return false;
  }
  if (run.session.hardware.machine === 'pc' && !(await unplugged(run))) return false;
  await closeFrontends(run);
  let found = await inventory(run, openNodes(run).map(blockdevDel));
  if (found && (!isEmpty(found) || madeDrives(run))) found = await clearAway(run, found);
  return found !== undefined && finish(run, found);
}

/** A guest that has booted keeps its state, and makes its machine of no further use. */
async function unplugged(run: Run): Promise<boolean> {
  await closeWriters(run);
  return !wantsGuest(run.sequence) && (await unplug(run));
}

async function finish(run: Run, found: Inventory): Promise<boolean> {
  const objects = await ourObjects(run);
  const deletions = objects.map((id) => ({ name: 'object-del', args: { id } }));
  const removed = deletions.length > 0 ? await issueAll(run, deletions) : [];
  if (run.broken) return false; // QEMU is gone: nobody knows what it would have kept
  const left = {
    job: found.jobs,
    node: found.nodes,
    export: found.exports,
    object: objects.filter((_, i) => !isOk(removed[i])),
  };
  const isClear = Object.values(left).every((list) => list.length === 0);
  // Images that QEMU still has open, and so may still lock: no node is left that could want them.
  const all = { ...left, file: await heldAfter(run, isClear) };
  for (const what of ['job', 'node', 'export', 'object', 'file'] as const) {
    if (all[what].length > 0) run.recorder.record({ kind: 'leftover', what, names: all[what] });
  }
  return isClear && all.file.length === 0 && !mayStandStill(run);
}

/** A machine that was stopped or migrated away is not what it was, nor are its migration's settings. */
const mayStandStill = (run: Run): boolean =>
  run.sequence.steps.some((step) => 'qmp' in step && /^(stop|migrate.*)$/.test(step.qmp));

/** Exports close in their own time: their nodes are free only after BLOCK_EXPORT_DELETED. */
async function closeFrontends(run: Run): Promise<void> {
  await closeWriters(run);
  const commands: Command[] = run.exports.map((id) => ({
    name: 'block-export-del',
    args: { id, mode: 'hard' },
  }));
  for (const { drive } of run.disks.values()) {
    if (drive !== undefined)
      commands.push({ name: 'human-monitor-command', args: { 'command-line': driveDel(drive) } });
  }
  if (run.nbdServer || maySend(run, 'nbd-server-start')) commands.push({ name: 'nbd-server-stop', args: {} });
  if (commands.length === 0) return;
  const asked = run.recorder.trace.length;
  const answers = await issueAll(run, commands);
  // One that a step has deleted, or is deleting, is refused here, and the inventory shows whether it is gone.
  const closing = run.exports.filter((_, i) => isOk(answers[i]));
  const closed = (id: string): boolean =>
    run.recorder.trace.some(
      (seen, at) =>
        at >= asked && seen.kind === 'event' && seen.name === 'BLOCK_EXPORT_DELETED' && seen.data.id === id,
    );
  await until(
    run,
    () => (run.broken || closing.every(closed) ? 'closed' : undefined),
    limits.settleDeadlineMs,
  );
  // Whether they have gone in silence shows in the list, once more is answered after it.
  if (!run.broken && !closing.every(closed)) await issueAll(run, [{ name: 'query-block-exports', args: {} }]);
}

async function closeWriters(run: Run): Promise<void> {
  await Promise.all([...run.writers.open.values()].map((writer) => writer.close()));
  run.writers.open.clear();
}

function abandonWriters(run: Run): void {
  for (const writer of run.writers.open.values()) writer.abandon();
  run.writers.open.clear();
}

/** The arena's nodes over the disks, then format nodes before the layers and files that they hold, the last opened first: overlays before their backing. */
function openNodes(run: Run): string[] {
  const placed = [...run.disks.values()].reverse().filter(({ open, drive }) => open && drive === undefined);
  const over = (run.sequence.arena.nodes ?? []).map(nodeName).reverse();
  const own = placed.flatMap(({ disk, fileInside }) => [
    disk.name,
    ...(disk.layers ?? []).map((layer) => layerNode(disk.name, layer)),
    ...(fileInside ? [] : [`${disk.name}-file`]),
    ...(disk.qcow2?.dataFile ? [dataNode(disk.name)] : []),
  ]);
  return [...over, ...own];
}
