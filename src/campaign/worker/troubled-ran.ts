import { noCoverage } from '../feedback/coverage.ts';
import type { Trouble } from '../trouble/trouble.ts';
import type { Ran, RunTask } from './worker-messages.ts';

/** A task of which no sequence could even be made: QEMU did not start, or there was no room. */
export function troubledRan(
  { index, program, property }: RunTask,
  trouble: Trouble,
  { begunMs, sessionsStarted }: { begunMs: number; sessionsStarted: number },
): Ran {
  return {
    kind: 'ran',
    index,
    program,
    property,
    title: `${property} ${index}`,
    masked: 0,
    commands: 0,
    guestWrites: 0,
    faultsInjected: 0,
    coverage: noCoverage(),
    features: [],
    violations: [],
    verdicts: [],
    moments: [],
    reason: trouble.reason,
    trouble,
    uses: [],
    elapsedMs: performance.now() - begunMs,
    sessionsStarted,
  };
}
