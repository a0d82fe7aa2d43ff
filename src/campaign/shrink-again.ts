import { EnvironmentError } from '../errors.ts';
import type { Violation } from '../judge/rule.ts';
import { printSequence } from '../sequence/print.ts';
import type { Sequence } from '../sequence/sequence.ts';
import { type ShrinkProgress, shrink } from '../shrink/shrink.ts';
import type { QemuTarget } from '../target/programs/binary.ts';
import type { RunRoot } from '../target/run-dir.ts';
import type { Flavour, Trace } from '../trace/observation.ts';
import { limits } from './limits.ts';
import { insistently } from './trouble/insistently.ts';
import { openTryOutLanes, type Tried, type TryOutLanes } from './try-out.ts';

type Program = { target: QemuTarget; flavour: Flavour };

export type ShrinkAgainPlan = {
  sequence: Sequence;
  /** What is to be shown; whatever the sequence shows first when absent. */
  signature?: string;
  /** Shrunk on the first of them that shows it. */
  programs: readonly Program[];
  lanes: number;
  deadlineMs: number;
  root: RunRoot;
  tool: { name: string; version: string };
};

/** The smallest sequence so far, and a run of it that showed the failure. */
export type SoFar = {
  signature: string;
  program: Program;
  sequence: Sequence;
  reproduced: { ok: number; of: number };
  executions: number;
  trace: Trace;
  violation: Violation;
  beside: readonly string[];
};

export type ShrinkAgain = {
  /** Rejects with EnvironmentError where the machine kept failing; what was reached by then is in `soFar`. */
  finished: Promise<void>;
  /** undefined as long as no program has shown the failure. */
  soFar(): SoFar | undefined;
  /** Why the sequence was not run, or came to no verdict, the last time it did not show the failure. */
  undecided(): string | undefined;
  kill(): Promise<void>;
};

/** Shrinks one sequence by itself, on several sessions side by side. */
export function shrinkAgain(plan: ShrinkAgainPlan, report: (progress: ShrinkProgress) => void): ShrinkAgain {
  let lanes: TryOutLanes | undefined;
  let soFar: SoFar | undefined;
  let undecided: string | undefined;
  return {
    finished: work(),
    soFar: () => soFar,
    undecided: () => undecided,
    kill: async () => lanes?.kill(),
  };

  async function work(): Promise<void> {
    let failure: EnvironmentError | undefined;
    for (const program of plan.programs) {
      const first = await withLanes(program, 1, firstShowing).catch((error: unknown) => {
        if (!(error instanceof EnvironmentError)) throw error;
        failure ??= error; // another program may do
      });
      if (!first) continue;
      if (first.violation.rule.kind === 'hang') await shrinkHang(program, first);
      else await withLanes(program, 1, (lanes) => shrinkOn(program, lanes, first));
      return;
    }
    if (failure) throw failure;
  }

  /** In haste; and once more with patience where only impatience took the result for a hang. */
  async function shrinkHang(program: Program, first: Shown): Promise<void> {
    await withLanes(program, limits.hangDeadlineScale, (lanes) => shrinkOn(program, lanes, first));
    await withLanes(program, 1, async (lanes) => {
      const tried = await lanes.tryOut(soFar?.sequence ?? plan.sequence);
      const shown = shownBy(tried, first.signature);
      if (soFar && shown) soFar = { ...soFar, ...shown };
      else await shrinkOn(program, lanes, first);
    });
  }

  async function withLanes<T>(
    program: Program,
    deadlineScale: number,
    work: (lanes: TryOutLanes) => Promise<T>,
  ): Promise<T> {
    const open = openTryOutLanes({ ...plan, ...program, deadlineScale });
    lanes = open;
    try {
      return await work({ ...open, tryOut: insistently(open.tryOut) });
    } finally {
      await open.close();
    }
  }

  async function firstShowing({ tryOut }: TryOutLanes): Promise<Shown | undefined> {
    for (let run = 0; run < limits.showingRuns; run++) {
      const tried = await tryOut(plan.sequence);
      undecided = tried.reason;
      const signature = plan.signature ?? tried.signatures[0];
      const shown = signature === undefined ? undefined : shownBy(tried, signature);
      if (shown) return shown;
    }
    return undefined;
  }

  async function shrinkOn(program: Program, { tryOut }: TryOutLanes, first: Shown): Promise<void> {
    const { signature, violation } = first;
    const showings = new Map<string, Shown>([[printSequence(plan.sequence), first]]);
    const keep = (sequence: Sequence, rate: SoFar['reproduced'], executions: number): void => {
      const shown = showings.get(printSequence(sequence)) ?? first;
      soFar = { ...shown, program, sequence, reproduced: rate, executions };
    };
    keep(plan.sequence, { ok: 1, of: 1 }, 1);
    const shrunk = await shrink(plan.sequence, {
      signature,
      async tryOut(candidate) {
        const tried = await tryOut(candidate);
        const shown = shownBy(tried, signature);
        if (shown) showings.set(printSequence(candidate), shown);
        return tried;
      },
      budget: { executions: Number.POSITIVE_INFINITY, deadlineMs: plan.deadlineMs },
      lanes: plan.lanes,
      ...(violation.step === undefined ? {} : { at: violation.step }),
      onProgress(progress) {
        keep(progress.sequence, progress.rate, progress.executions);
        report(progress);
      },
    });
    keep(shrunk.sequence, shrunk.reproduced, shrunk.executions);
  }
}

type Shown = { signature: string; trace: Trace; violation: Violation; beside: readonly string[] };

function shownBy({ signatures, violations, trace }: Tried, signature: string): Shown | undefined {
  const violation = violations[signatures.indexOf(signature)];
  const beside = signatures.filter((each) => each !== signature);
  return violation && { signature, trace, violation, beside };
}
