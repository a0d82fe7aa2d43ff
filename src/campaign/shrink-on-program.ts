import type { Sessions } from '../execute/sessions.ts';
import { type Shrunk, shrink } from '../shrink/shrink.ts';
import { limits } from './limits.ts';
import { openTryOut } from './try-out.ts';
import type { ProgramPlan, ShrinkEnded, ShrinkTask } from './worker-messages.ts';

/** Makes a failing sequence minimal on the program that failed, within the task's time. */
export async function shrinkOnProgram(
  { id, program, sequence, signature, step, deadlineMs }: ShrinkTask,
  on: ProgramPlan & { sessions: Sessions },
): Promise<Omit<ShrinkEnded, 'sessionsStarted'>> {
  const begunMs = performance.now();
  const tryOut = openTryOut(on);
  const shrunk = await shrink(sequence, {
    signature,
    tryOut,
    budget: { executions: limits.shrinkExecutionsMax, deadlineMs },
    ...(step === undefined ? {} : { at: step }),
  });
  const shown = await showing(shrunk, signature, tryOut);
  return {
    kind: 'shrunk',
    id,
    program,
    signature,
    sequence: shrunk.sequence,
    reproduced: shrunk.reproduced,
    executions: shrunk.executions,
    complete: shrunk.complete,
    elapsedMs: performance.now() - begunMs,
    ...(shown === undefined ? {} : { shown }),
  };
}

/** The trace that is kept with a finding is one of its minimal sequence. */
async function showing(
  { sequence, reproduced: { ok, of } }: Shrunk,
  signature: string,
  tryOut: ReturnType<typeof openTryOut>,
): Promise<ShrinkEnded['shown']> {
  const tries = ok === 0 ? 0 : Math.ceil((limits.showingFactor * of) / ok);
  for (let attempt = 0; attempt < tries; attempt++) {
    const { signatures, violations, trace } = await tryOut(sequence);
    const violation = violations[signatures.indexOf(signature)];
    if (violation) return { trace, violation };
  }
  return undefined;
}
