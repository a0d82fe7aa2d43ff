import type { PairedSessions } from '../execute/sessions/paired-sessions.ts';
import type { Sequence } from '../sequence/sequence.ts';
import { type Shrunk, shrink } from '../shrink/shrink.ts';
import type { TryOut } from '../shrink/try-out.ts';
import type { RunRoot } from '../target/run-dir.ts';
import { seenByGdb } from './explain/seen-by-gdb.ts';
import { limits } from './limits.ts';
import { makeReadable } from './readable.ts';
import { ofSameLeak } from './same-leak.ts';
import { type Showing, showAgain } from './showing.ts';
import { insistently } from './trouble/insistently.ts';
import { openTryOut, openTryOutLanes, type Tried } from './try-out.ts';
import { isHang } from './worker/is-hang.ts';
import type { ProgramPlan, ShrinkEnded, ShrinkTask } from './worker/worker-messages.ts';

/** `root`, `tool`: for the sessions that hangs are tried on, which are thrown away after each. */
type On = ProgramPlan & PairedSessions & { root: RunRoot; tool: { name: string; version: string } };

/** Makes a failing sequence minimal on the program that failed, within the task's time. */
export async function shrinkOnProgram(
  task: ShrinkTask,
  on: On,
): Promise<Omit<ShrinkEnded, 'sessionsStarted'>> {
  const begunMs = performance.now();
  const { id, program, signature } = task;
  const tryOut = ofSameLeak(signature, insistently(openTryOut(on)));
  const leftMs = (): number => task.deadlineMs - (performance.now() - begunMs);
  const hasty = isHang(signature) ? await shrinkHang(task, on) : undefined;
  const shownAgain = hasty && (await showAgain(hasty, signature, tryOut));
  const shrunk = hasty && shownAgain ? hasty : await shrink(task.sequence, plan(task, tryOut, leftMs()));
  // The trace that is kept with a finding is one of its minimal sequence.
  const first = shownAgain ?? (await showAgain(shrunk, signature, tryOut));
  // Before it is made readable, which takes all the time that there is; where it fails stays the same.
  const stacks = first ? await seenByGdb(shrunk.sequence, signature, { ...on, deadlineMs: leftMs() }) : [];
  const { against } = task;
  const againstStacks =
    against && stacks.length > 0 ? await seenByGdb(against, signature, { ...on, deadlineMs: leftMs() }) : [];
  const isForReadable = first !== undefined && !hasty;
  const readable = isForReadable
    ? await readableIn(task, shrunk, first, { tryOut, deadlineMs: leftMs() })
    : undefined;
  return ended(readable?.shrunk ?? shrunk, readable?.shown ?? first);

  function ended(shrunk: Shrunk, shown: Showing | undefined): Omit<ShrinkEnded, 'sessionsStarted'> {
    return {
      kind: 'shrunk',
      id,
      program,
      signature,
      sequence: shrunk.sequence,
      reproduced: shrunk.reproduced,
      executions: shrunk.executions,
      complete: shrunk.complete,
      stacks,
      ...(againstStacks.length === 0 ? {} : { againstStacks }),
      elapsedMs: performance.now() - begunMs,
      ...(shown === undefined ? {} : { shown }),
    };
  }
}

/** What of the time is left goes into what a reader believes; undefined where there is none, or nothing came of it. */
async function readableIn(
  { signature }: ShrinkTask,
  minimal: Shrunk,
  shown: Showing,
  { tryOut, deadlineMs }: { tryOut: (candidate: Sequence) => Promise<Tried>; deadlineMs: number },
): Promise<{ shrunk: Shrunk; shown: Showing } | undefined> {
  const executions = limits.shrinkExecutionsMax - minimal.executions;
  if (!minimal.complete || deadlineMs <= 0 || executions <= 0) return undefined;
  const budget = { executions, deadlineMs };
  const found = await makeReadable(minimal.sequence, shown, { signature, tryOut, budget });
  const again = found.reproduced.ok === 0 ? undefined : await showAgain(found, signature, tryOut);
  return again && { shrunk: { ...found, executions: minimal.executions + found.executions }, shown: again };
}

function plan({ signature, step }: ShrinkTask, tryOut: TryOut, deadlineMs: number) {
  return {
    signature,
    tryOut,
    budget: { executions: limits.shrinkExecutionsMax, deadlineMs },
    ...(step === undefined ? {} : { known: { at: step } }),
  };
}

/** With short deadlines, several candidates at once. What comes of it is to be shown with the whole deadlines. */
async function shrinkHang(task: ShrinkTask, { target, flavour, root, tool }: On): Promise<Shrunk> {
  const [lanes, deadlineScale] = [limits.hangLanes, limits.hangDeadlineScale];
  const hasty = openTryOutLanes({ target, flavour, root, tool, lanes, deadlineScale });
  try {
    return await shrink(task.sequence, {
      ...plan(task, insistently(hasty.tryOut), task.deadlineMs),
      lanes,
    });
  } finally {
    await hasty.close();
  }
}
