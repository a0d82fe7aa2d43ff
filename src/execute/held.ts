import { descriptorCount, openFiles } from '../target/open-files.ts';
import { residentBytes } from '../target/process-tree.ts';
import type { Run } from './run.ts';

/** Records how many descriptors QEMU has before the arena is made; nothing where /proc does not tell. */
export function heldBefore(run: Run): void {
  const pid = run.session.pid();
  const descriptors = pid === undefined ? undefined : descriptorCount(pid);
  if (descriptors !== undefined) run.recorder.record({ kind: 'process', descriptors });
}

/** Records what QEMU holds once the arena is taken apart, and returns the sequence's own files that it has open still. */
export function heldAfter(run: Run): string[] {
  const pid = run.session.pid();
  const open = pid === undefined ? undefined : openFiles(pid, run.dir);
  if (pid === undefined || !open) return [];
  const memory =
    run.earlyBytes === undefined ? {} : { residentBytes: residentBytes(pid), earlyBytes: run.earlyBytes };
  run.recorder.record({ kind: 'process', descriptors: open.descriptors, ...memory });
  return open.below;
}
