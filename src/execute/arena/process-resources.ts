import { descriptorCount, iothreadCount, openFilesBelow } from '../../target/process/open-files.ts';
import { residentBytes } from '../../target/process/process-tree.ts';
import { deadlineOver } from '../deadline.ts';
import { limits } from '../limits.ts';
import { type Run, sleep } from '../run.ts';

/** Threads: undefined where they have no names. */
export type ProcessResources = { descriptors: number; threads: number | undefined };

/** Records how many descriptors and threads QEMU has before the arena is made; nothing where /proc does not say. */
export function heldBefore(run: Run): void {
  const pid = run.session.pid();
  run.heldBefore = pid === undefined ? undefined : heldBy(pid);
  if (run.heldBefore) run.recorder.record({ kind: 'process', ...recorded(run.heldBefore) });
}

/**
 * Records what QEMU holds once the arena is taken apart, and returns the sequence's own files that it has open still.
 * Where something of the sequence stays (`isClear` is false), what that holds will not go, and is not waited for.
 */
export async function heldAfter(run: Run, isClear: boolean): Promise<string[]> {
  const pid = run.session.pid();
  const held = pid === undefined ? undefined : isClear ? await heldStill(run, pid) : heldBy(pid);
  if (pid === undefined || held === undefined) return [];
  const memory =
    run.earlyBytes === undefined ? {} : { residentBytes: residentBytes(pid), earlyBytes: run.earlyBytes };
  run.recorder.record({ kind: 'process', ...recorded(held), ...memory });
  // None of this sequence's files was open before: with no more descriptors than then, none is now.
  return held.descriptors > (run.heldBefore?.descriptors ?? 0) ? openFilesBelow(pid, run.dir) : [];
}

/** What QEMU holds once threads that are on their way in or out have got their name, or closed what was theirs. */
async function heldStill(run: Run, pid: number): Promise<ProcessResources | undefined> {
  const isOver = deadlineOver(run, limits.closingDeadlineMs);
  let held = heldBy(pid);
  while (held && isMore(held, run.heldBefore) && !isOver()) {
    await sleep(limits.progressPollMs);
    held = heldBy(pid);
  }
  return held;
}

const isMore = (held: ProcessResources, before: ProcessResources | undefined): boolean =>
  held.descriptors > (before?.descriptors ?? 0) || (held.threads ?? 0) > (before?.threads ?? Infinity);

function heldBy(pid: number): ProcessResources | undefined {
  const descriptors = descriptorCount(pid);
  return descriptors === undefined ? undefined : { descriptors, threads: iothreadCount(pid) };
}

const recorded = ({ descriptors, threads }: ProcessResources): { descriptors: number; threads?: number } => ({
  descriptors,
  ...(threads === undefined ? {} : { threads }),
});
