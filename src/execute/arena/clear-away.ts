import { driveDel } from '../../target/guest/hmp.ts';
import { deadlineOver } from '../deadline.ts';
import { limits } from '../limits.ts';
import { type Command, isOk, issue, issueAll, type Run, sleep } from '../run.ts';
import { blockdevDel, type Inventory, inventory, members } from './inventory.ts';

/**
 * Removes what the steps made beside the arena: exports, since they hold nodes, then drives, then nodes from the top of
 * the graph down. What is still there afterwards can't be removed.
 */
export async function clearAway(run: Run, found: Inventory): Promise<Inventory | undefined> {
  if (found.exports.length > 0) await closeExports(run, found.exports);
  const hasDrives = madeDrives(run) || (found.nodes.length > 0 && run.session.flavour === 'system');
  if (hasDrives) await deleteDrives(run);
  let left = await inventory(run);
  for (let round = 0; left && left.nodes.length > 0 && round < limits.teardownRounds; round++) {
    const deleted = await issueAll(run, left.nodes.map(blockdevDel));
    // A drive below a node that is gone now could not go before.
    if (hasDrives && deleted.some(isOk)) await deleteDrives(run);
    left = await inventory(run);
    if (!deleted.some(isOk)) break;
  }
  return left;
}

async function closeExports(run: Run, exports: readonly string[]): Promise<void> {
  const commands: Command[] = exports.map((id) => ({ name: 'block-export-del', args: { id, mode: 'hard' } }));
  await issueAll(run, commands);
  const isOver = deadlineOver(run, limits.settleDeadlineMs);
  while (!isOver() && !run.broken) {
    const answer = await issue(run, { name: 'query-block-exports', args: {} });
    if (members(answer, 'id').length === 0) return;
    await sleep(limits.progressPollMs);
  }
}

/** One without a medium has no node that would show. */
export const madeDrives = ({ sequence }: Run): boolean =>
  sequence.steps.some((step) => 'qmp' in step && /^drive_add\b/.test(String(step.args?.['command-line'])));

/** Those that HMP's drive_add made: their nodes go with them. */
async function deleteDrives(run: Run): Promise<void> {
  const answer = await issue(run, { name: 'query-block', args: {} });
  const drives = members(answer, 'device');
  await issueAll(
    run,
    drives.map((id) => ({ name: 'human-monitor-command', args: { 'command-line': driveDel(id) } })),
  );
}
