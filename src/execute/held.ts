import { descriptorCount, lastingThreads, openFilesBelow } from '../target/open-files.ts';
import { residentBytes } from '../target/process-tree.ts';
import type { Run } from './run.ts';

/** Records how many descriptors and threads QEMU has before the arena is made; nothing where /proc does not tell. */
export function heldBefore(run: Run): void {
  const pid = run.session.pid();
  run.descriptorsBefore = pid === undefined ? undefined : descriptorCount(pid);
  if (pid === undefined || run.descriptorsBefore === undefined) return;
  run.recorder.record({ kind: 'process', descriptors: run.descriptorsBefore, ...threadsOf(pid) });
}

/** Records what QEMU holds once the arena is taken apart, and returns the sequence's own files that it has open still. */
export function heldAfter(run: Run): string[] {
  const pid = run.session.pid();
  const descriptors = pid === undefined ? undefined : descriptorCount(pid);
  if (pid === undefined || descriptors === undefined) return [];
  const memory =
    run.earlyBytes === undefined ? {} : { residentBytes: residentBytes(pid), earlyBytes: run.earlyBytes };
  run.recorder.record({ kind: 'process', descriptors, ...threadsOf(pid), ...memory });
  // None of this sequence's files was open before: with no more descriptors than then, none is now.
  return descriptors > (run.descriptorsBefore ?? 0) ? openFilesBelow(pid, run.dir) : [];
}

function threadsOf(pid: number): { threads?: number } {
  const threads = lastingThreads(pid);
  return threads === undefined ? {} : { threads };
}
