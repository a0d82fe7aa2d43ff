import type { Disk, Inject } from '../../sequence/arena.ts';
import { errorsOf, type FaultStep, type InjectStep } from '../../sequence/step.ts';
import { limitRate } from '../arena/nodes.ts';
import { restart } from '../arena/restart.ts';
import { blkdebug } from '../faults/blkdebug.ts';
import { fillDisk, giveRoom } from '../faults/disk-full.ts';
import { type Armed, allOk, insertNode, refused, removeNode } from '../faults/inserted-node.ts';
import { imageIsOpened } from '../faults/opener.ts';
import { otherMonitorSpeaks } from '../faults/second-monitor.ts';
import { serverIs, serversWell } from '../faults/storage-faults.ts';
import { strangerComes } from '../faults/strangers.ts';
import { type Command, issueAll, type Run, wake } from '../run.ts';

/** Arms or lifts one fault; a fault that this QEMU or this arena can't have is noted as refused. */
export async function faultStep(run: Run, step: FaultStep, index: number): Promise<void> {
  const armed = await arm(run, step, index);
  run.recorder.record({ kind: 'fault', fault: step, step: index, ...armed });
}

/** Takes back every fault that is still in force; QEMU's refusals are in the trace. */
export async function faultsLifted(run: Run): Promise<void> {
  // Before all others, since taking an error out makes QEMU write.
  await serversWell(run);
  for (const placed of run.disks.values()) {
    await removeNode(run, placed.disk.name, 'inject');
    await giveRoom(run, placed);
  }
  const throttled = run.sequence.arena.disks.filter(hasThrottle);
  if (throttled.length === 0) return;
  // What a throttle holds already sleeps on when the limit is gone, but not through a drain, and an empty transaction
  // is one (blockdev.c, qmp_transaction).
  const drain: Command = { name: 'transaction', args: { actions: [] } };
  await issueAll(run, [...throttled.map((disk) => limitRate(disk, {}, isSided(run, disk.name))), drain]);
}

const hasThrottle = (disk: Disk): boolean => (disk.layers ?? []).some((layer) => 'throttle' in layer);

/** Somebody limits one direction of that disk alone: QEMU keeps the limits that it is not told of. */
const isSided = ({ sequence: { arena, steps } }: Run, name: string): boolean =>
  arena.disks.some(
    (disk) =>
      disk.name === name &&
      disk.layers?.some((layer) => 'throttle' in layer && layer.throttle.only !== undefined),
  ) ||
  steps.some(
    (step) => 'fault' in step && step.fault === 'throttle' && step.disk === name && step.only !== undefined,
  );

async function arm(run: Run, step: FaultStep, index: number): Promise<Armed> {
  // Its nodes can't be changed then, and nobody would answer.
  if (run.suspended && 'disk' in step && step.fault !== 'server') return refused('QEMU is stopped');
  switch (step.fault) {
    case 'sigstop':
      if (!run.session.signal('SIGSTOP')) return refused('QEMU is gone');
      run.suspended = true;
      return { outcome: 'armed' };
    case 'sigcont':
      return wake(run) ? { outcome: 'armed' } : refused('QEMU is gone');
    case 'sigkill':
      run.session.expectExit();
      if (!run.session.signal('SIGKILL')) return refused('QEMU is gone');
      await run.session.exit;
      return { outcome: 'armed' };
    case 'restart':
      return restart(run, index);
    case 'inject':
      return inject(run, step, index);
    case 'lift':
      return removeNode(run, step.disk, 'inject', index);
    case 'fill':
      return fillDisk(run, step.disk, index);
    case 'room': {
      const placed = run.disks.get(step.disk);
      return placed ? giveRoom(run, placed, index) : refused(`there is no disk ${step.disk}`);
    }
    case 'server':
      return serverIs(run, step);
    case 'stranger':
      return strangerComes(run, step);
    case 'opener':
      return imageIsOpened(run, step);
    case 'monitor':
      return otherMonitorSpeaks(run, step);
    case 'throttle':
    case 'unthrottle':
      return setThrottle(run, step, index);
  }
}

/** Disks that want errors on versions without `blockdev-reopen` carry them from the start, as a layer of the arena. */
async function inject(run: Run, step: InjectStep, index: number): Promise<Armed> {
  const placed = run.disks.get(step.disk);
  if (placed?.inserted?.purpose === 'fill') await giveRoom(run, placed, index);
  const errors = errorsOf(step);
  // The valve, being a raw node, would have each request counted twice.
  const isCounted = errors.some(({ nth }) => nth !== undefined);
  const what = {
    purpose: 'inject' as const,
    valve: placed?.disk.format === 'qcow2' && errors.some(keepsFailingWrites) && !isCounted,
    options: (name: string, below: string) => blkdebug(name, below, errors),
  };
  return insertNode(run, step.disk, what, index);
}

const keepsFailingWrites = ({ once, iotype }: Inject): boolean =>
  once !== true && (iotype === undefined || iotype.startsWith('write'));

async function setThrottle(
  run: Run,
  step: Extract<FaultStep, { fault: 'throttle' | 'unthrottle' }>,
  index: number,
): Promise<Armed> {
  const disk = run.sequence.arena.disks.find(({ name }) => name === step.disk);
  if (!disk || !hasThrottle(disk)) return refused(`${step.disk} has no throttle layer`);
  const limits = step.fault === 'throttle' ? step : {};
  return allOk(await issueAll(run, [limitRate(disk, limits, isSided(run, disk.name))], index));
}
