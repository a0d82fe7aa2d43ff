import { EnvironmentError } from '../errors.ts';
import { printSequence } from '../sequence/print.ts';
import type { Sequence } from '../sequence/sequence.ts';
import { type ShrinkProgress, shrink } from '../shrink/shrink.ts';
import type { QemuTarget } from '../target/programs/binary.ts';
import type { RunRoot } from '../target/run-dir.ts';
import type { Flavour } from '../trace/observation.ts';
import { limits } from './limits.ts';
import { makeReadable } from './readable.ts';
import { ofSameLeak } from './same-leak.ts';
import { type Showing, showAgain, showingOf } from './showing.ts';
import { insistently } from './trouble/insistently.ts';
import { openTryOutLanes, type TryOutLanes } from './try-out.ts';

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
export type SoFar = Showing & {
  signature: string;
  program: Program;
  sequence: Sequence;
  reproduced: { ok: number; of: number };
  executions: number;
  /** Nothing more can be left out. */
  isMinimal: boolean;
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

  /** With short deadlines; and once more with whole ones where the result does not show again with these. */
  async function shrinkHang(program: Program, first: First): Promise<void> {
    await withLanes(program, limits.hangDeadlineScale, (lanes) => shrinkOn(program, lanes, first));
    await withLanes(program, 1, async (lanes) => {
      const showing = soFar && (await showAgain(soFar, first.signature, lanes.tryOut));
      if (soFar && showing) soFar = { ...soFar, ...showing };
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

  async function firstShowing({ tryOut }: TryOutLanes): Promise<First | undefined> {
    for (let run = 0; run < limits.showingRuns; run++) {
      const tried = await tryOut(plan.sequence);
      undecided = tried.reason;
      const signature = plan.signature ?? tried.signatures[0];
      const showing = signature === undefined ? undefined : showingOf(tried, signature);
      if (signature !== undefined && showing) return { ...showing, signature };
    }
    return undefined;
  }

  async function shrinkOn(program: Program, lanes: TryOutLanes, first: First): Promise<void> {
    const { signature, violation } = first;
    const tryOut = ofSameLeak(signature, lanes.tryOut);
    const showings = new Map<string, Showing>([[printSequence(plan.sequence), first]]);
    let isMinimal = false;
    const keep = (sequence: Sequence, rate: SoFar['reproduced'], executions: number): void => {
      const showing = showings.get(printSequence(sequence)) ?? first;
      soFar = { ...showing, signature, program, sequence, reproduced: rate, executions, isMinimal };
    };
    keep(plan.sequence, { ok: 1, of: 1 }, 1);
    const begunMs = performance.now();
    const how = {
      signature,
      async tryOut(candidate: Sequence) {
        const tried = await tryOut(candidate);
        const showing = showingOf(tried, signature);
        if (showing) showings.set(printSequence(candidate), showing);
        return tried;
      },
      remembered: new Map(),
      lanes: plan.lanes,
      onProgress(progress: ShrinkProgress) {
        keep(progress.sequence, progress.rate, before + progress.executions);
        report(progress);
      },
    };
    let before = 0;
    const budget = () => ({
      executions: Number.POSITIVE_INFINITY,
      deadlineMs: plan.deadlineMs - (performance.now() - begunMs),
    });
    const known = violation.step === undefined ? {} : { at: violation.step };
    const shrunk = await shrink(plan.sequence, { ...how, budget: budget(), known });
    before = shrunk.executions;
    isMinimal = shrunk.complete;
    keep(shrunk.sequence, shrunk.reproduced, before);
    const shown = showings.get(printSequence(shrunk.sequence));
    if (!shrunk.complete || !shown) return;
    const readable = await makeReadable(shrunk.sequence, shown, { ...how, budget: budget() });
    if (readable.reproduced.ok === 0) return;
    keep(readable.sequence, readable.reproduced, before + readable.executions);
  }
}

/** The first run that showed the failure. */
type First = Showing & { signature: string };
