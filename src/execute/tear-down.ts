import type { Json } from '../sequence/step.ts';
import { driveDel } from '../target/hmp.ts';
import { limits } from './limits.ts';
import { type Answer, type Command, isOk, issueAll, type Run, until } from './run.ts';

/**
 * Takes the arena apart and proves that the session is pristine: no job, no node, no export, no object of ours. What
 * stays is recorded as leftover. The common case costs one packet.
 */
export async function tearDown(run: Run): Promise<boolean> {
  if (run.session.exited() || run.broken) return false;
  await closeFrontends(run);
  for (let round = 0; round < limits.teardownRounds; round++) {
    const found = await inventory(run, round === 0 ? openNodes(run) : []);
    if (!found) return false;
    if (found.nodes.length === 0 || (round > 0 && !found.progress)) return finish(run, found);
    const deleted = await issueAll(run, found.nodes.map(blockdevDel));
    if (!deleted.some(isOk)) return finish(run, (await inventory(run, [])) ?? found);
  }
  return finish(run, (await inventory(run, [])) ?? { jobs: [], nodes: [], exports: [], progress: false });
}

type Inventory = { jobs: string[]; nodes: string[]; exports: string[]; progress: boolean };

/** Deletes `nodes` (top nodes first) and asks in the same packet what is left. */
async function inventory(run: Run, nodes: string[]): Promise<Inventory | undefined> {
  const queries: Command[] = [
    { name: 'query-jobs', args: {} },
    { name: 'query-block-exports', args: {} },
    { name: 'query-named-block-nodes', args: { flat: true } },
  ];
  const answers = await issueAll(run, [...nodes.map(blockdevDel), ...queries]);
  const [jobs, exports, named] = answers.slice(nodes.length);
  if (!isOk(jobs) || !isOk(exports) || !isOk(named)) return undefined;
  return {
    jobs: names(jobs, 'id'),
    exports: names(exports, 'id'),
    // Nodes that QEMU named itself (#block…) go with their owners and can't be deleted by name.
    nodes: names(named, 'node-name'),
    progress: true,
  };
}

async function finish(run: Run, found: Inventory): Promise<boolean> {
  const removed = await issueAll(
    run,
    run.objects.map((id) => ({ name: 'object-del', args: { id } })),
  );
  const objects = run.objects.filter((_, i) => !isOk(removed[i]));
  const left = { job: found.jobs, node: found.nodes, export: found.exports, object: objects };
  for (const what of ['job', 'node', 'export', 'object'] as const) {
    if (left[what].length > 0) run.recorder.record({ kind: 'leftover', what, names: left[what] });
  }
  return Object.values(left).every((list) => list.length === 0);
}

/** Exports close in their own time: their nodes are free only after BLOCK_EXPORT_DELETED. */
async function closeFrontends(run: Run): Promise<void> {
  await Promise.all([...run.writers.open.values()].map((writer) => writer.close()));
  run.writers.open.clear();
  const commands: Command[] = [];
  for (const { drive } of run.disks.values()) {
    if (drive !== undefined)
      commands.push({ name: 'human-monitor-command', args: { 'command-line': driveDel(drive) } });
  }
  for (const id of run.exports) commands.push({ name: 'block-export-del', args: { id, mode: 'hard' } });
  if (run.nbdServer) commands.push({ name: 'nbd-server-stop', args: {} });
  if (commands.length === 0) return;
  await issueAll(run, commands);
  const deleted = (id: string): boolean =>
    run.recorder.trace.some(
      (seen) => seen.kind === 'event' && seen.name === 'BLOCK_EXPORT_DELETED' && seen.data.id === id,
    );
  await until(
    run,
    () => (run.broken || run.exports.every(deleted) ? 'closed' : undefined),
    limits.settleDeadlineMs,
  );
}

/** Format nodes before the layers and files that they hold, the last opened first: overlays before their backing. */
function openNodes(run: Run): string[] {
  const placed = [...run.disks.values()].reverse().filter(({ open, drive }) => open && drive === undefined);
  return placed.flatMap(({ disk }) => [
    disk.name,
    ...(disk.layers ?? []).map((layer) => `${disk.name}-${'throttle' in layer ? 'throttle' : 'blkdebug'}`),
    `${disk.name}-file`,
  ]);
}

const blockdevDel = (node: string): Command => ({ name: 'blockdev-del', args: { 'node-name': node } });

function names(answer: Answer | undefined, key: string): string[] {
  if (answer?.kind !== 'reply' || !Array.isArray(answer.return)) return [];
  return answer.return.flatMap((entry: Json) => {
    const name =
      entry !== null && typeof entry === 'object' && !Array.isArray(entry) ? entry[key] : undefined;
    return typeof name === 'string' ? [name] : [];
  });
}
