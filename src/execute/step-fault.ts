import type { Disk } from '../sequence/arena.ts';
import type { FaultStep } from '../sequence/step.ts';
import { blkdebug, limitRate } from './nodes.ts';
import { type Command, isOk, issueAll, type PlacedDisk, type Run } from './run.ts';

type Armed = { outcome: 'armed' | 'refused'; text?: string };

/** Arms or lifts one fault; a fault that this QEMU or this arena can't have is noted as refused. */
export async function faultStep(run: Run, step: FaultStep, index: number): Promise<void> {
  const armed = await arm(run, step, index);
  run.recorder.record({ kind: 'fault', fault: step, step: index, ...armed });
}

/** Takes back every fault that is still in force; QEMU's refusals are in the trace. */
export async function faultsLifted(run: Run): Promise<void> {
  for (const placed of run.disks.values()) {
    if (!placed.injected) continue;
    const commands = removal(placed);
    await issueAll(run, commands);
    placed.injected = false;
  }
  const throttled = run.sequence.arena.disks.filter(hasThrottle);
  if (throttled.length === 0) return;
  // What a throttle holds already sleeps on when the limit is gone, but not through a drain, and an empty transaction
  // is one (blockdev.c, qmp_transaction).
  const drain: Command = { name: 'transaction', args: { actions: [] } };
  await issueAll(run, [...throttled.map(({ name }) => limitRate(name, {})), drain]);
}

const hasThrottle = (disk: Disk): boolean => (disk.layers ?? []).some((layer) => 'throttle' in layer);

async function arm(run: Run, step: FaultStep, index: number): Promise<Armed> {
  switch (step.fault) {
    case 'sigstop':
    case 'sigcont':
      if (!run.session.signal(step.fault === 'sigstop' ? 'SIGSTOP' : 'SIGCONT'))
        return refused('QEMU is gone');
      run.suspended = step.fault === 'sigstop';
      return { outcome: 'armed' };
    case 'sigkill':
      run.session.expectExit();
      if (!run.session.signal('SIGKILL')) return refused('QEMU is gone');
      await run.session.exit;
      return { outcome: 'armed' };
    case 'inject':
    case 'lift':
      return insertBlkdebug(run, step, index);
    case 'throttle':
    case 'unthrottle':
      return setThrottle(run, step, index);
  }
}

/**
 * blkdebug's rules can't be changed once it is open, so arming puts a fresh blkdebug node between the format node and
 * what lies below it, and lifting takes it out again: `blockdev-reopen` replaces `file` since 6.1. Disks that want
 * errors on older versions carry them from the start, as a layer of the arena.
 */
async function insertBlkdebug(
  run: Run,
  step: Extract<FaultStep, { fault: 'inject' | 'lift' }>,
  index: number,
): Promise<Armed> {
  const placed = run.disks.get(step.disk);
  if (!placed?.open || !placed.options) return refused(`${step.disk} has no node to inject below`);
  const below = placed.options.file as string;
  const commands: Command[] = [];
  const node = faultNode(step.disk);
  if (step.fault === 'inject') {
    const { fault: _, disk: __, note: ___, ...rule } = step;
    if (placed.injected) commands.push(...removal(placed));
    commands.push({ name: 'blockdev-add', args: blkdebug(node, below, [rule]) }, reopen(placed, node));
  } else {
    if (!placed.injected) return { outcome: 'armed' };
    commands.push(...removal(placed));
  }
  const answers = await issueAll(run, commands, index);
  const failed = answers.find((answer) => !isOk(answer));
  if (failed) return refused(failed.kind === 'reply' ? (failed.error?.desc ?? '') : failed.kind);
  placed.injected = step.fault === 'inject';
  return { outcome: 'armed' };
}

function removal(placed: PlacedDisk): Command[] {
  const node = faultNode(placed.disk.name);
  return [
    reopen(placed, placed.options?.file as string),
    { name: 'blockdev-del', args: { 'node-name': node } },
  ];
}

const faultNode = (disk: string): string => `${disk}-fault`;

function reopen(placed: PlacedDisk, file: string): Command {
  return { name: 'blockdev-reopen', args: { options: [{ ...placed.options, file }] } };
}

async function setThrottle(
  run: Run,
  step: Extract<FaultStep, { fault: 'throttle' | 'unthrottle' }>,
  index: number,
): Promise<Armed> {
  if (!run.sequence.arena.disks.some((disk) => disk.name === step.disk && hasThrottle(disk)))
    return refused(`${step.disk} has no throttle layer`);
  const [answer] = await issueAll(run, [limitRate(step.disk, step.fault === 'throttle' ? step : {})], index);
  return isOk(answer)
    ? { outcome: 'armed' }
    : refused(answer?.kind === 'reply' ? (answer.error?.desc ?? '') : 'no answer');
}

const refused = (text: string): Armed => ({ outcome: 'refused', text });
