import type { Trace } from '../../trace/observation.ts';

/** Where QEMU died of a SIGKILL that is not ours; undefined where it did not. Nothing from there on is QEMU's doing. */
export function killedByOthers(trace: Trace): number | undefined {
  const at = trace.findIndex((seen) => seen.kind === 'exit' && seen.signal === 'SIGKILL' && !seen.asked);
  return at === -1 ? undefined : at;
}
