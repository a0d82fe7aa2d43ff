import type { QmpEvent } from '../qmp/message.ts';
import type { Run } from './run.ts';

/** Everything that QEMU says from now on goes into the trace, and what of it changes the run is noted. */
export function watch(run: Run): void {
  run.session.observe((seen) => {
    run.jobs.note(seen);
    if (seen.kind === 'exit' || seen.kind === 'disconnect') run.broken = run.disconnected = true;
    run.recorder.record(seen);
  });
}

/** The steps speak their dialect. What it hides from them the interpreter still goes by, but the trace has it not. */
export function speakDialect(run: Run): void {
  run.session.interpret(run.sequence.dialect, (hidden: QmpEvent) => {
    run.jobs.note(hidden);
    run.recorder.wake();
  });
}
