import type { Run } from './run.ts';

/** Everything that QEMU says from now on goes into the trace, and what of it changes the run is noted. */
export function watch(run: Run): void {
  run.session.observe((seen) => {
    run.jobs.note(seen);
    if (seen.kind === 'exit' || seen.kind === 'disconnect') run.broken = run.disconnected = true;
    run.recorder.record(seen);
  });
}
