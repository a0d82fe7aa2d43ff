import { drawFrom } from '../../generate/draw.ts';
import { findDebuggers } from '../../target/debuggers/debuggers.ts';
import type { CampaignEvent } from '../campaign-event.ts';
import type { Discoveries } from '../discoveries/discoveries.ts';
import type { Interesting } from '../feedback/interesting.ts';
import type { HuntPlan } from '../hunt-plan.ts';
import { limits } from '../limits.ts';
import { isHang } from '../worker/is-hang.ts';
import type { ExplainTask, RunTask, ShrinkTask, Task } from '../worker/worker-messages.ts';
import type { Lane } from './lanes.ts';
import { nextRun } from './next-run.ts';

/** What a worker does next, and whether there is time for it. */
export type NextTask = {
  /** For a worker that has nothing to do: shrinking comes first, but not on every worker. */
  main(at: number): Task | undefined;
  /**
   * What a worker runs after the sequence that it has begun, where nothing that this one shows may end the hunt. What is to
   * be shrunk waits for that one, too.
   */
  ahead(): RunTask | undefined;
  /** It was given to a worker that died before. */
  putBack(task: RunTask): void;
  /** What it shrinks beside that: one at a time, as long as there is anything else to do. */
  sideShrink(at: number): ShrinkTask | undefined;
  /** A main task shrank that long. */
  shrankFor(ms: number): void;
};

export function openNextTask(
  plan: HuntPlan,
  on: {
    lanes: readonly Lane[];
    discoveries: Discoveries;
    interesting: Interesting;
    elapsedMs(): number;
    report(event: CampaignEvent): void;
    /** It is switched off: what would run there is passed over. */
    isOff(program: number): boolean;
  },
): NextTask {
  const { lanes, discoveries, interesting, elapsedMs } = on;
  const choices = drawFrom(`campaign ${plan.seed}`);
  const hasValgrind = findDebuggers().valgrind !== undefined;
  let nextIndex = 0;
  let passedOver = 0;
  let shrinkingMs = 0;
  const notRun: RunTask[] = [];

  return {
    main: (at) => toShrinkInTurn(at) ?? toRun() ?? toExplain(),
    ahead: () => (plan.stopAfter === undefined ? toRun() : undefined),
    putBack: (task) => void notRun.push(task),
    sideShrink(at) {
      if (remainingMs() <= 0 || (mayGenerate() && lanes.some(({ sideShrink }) => sideShrink)))
        return undefined;
      return toShrink(at, isHang);
    },
    shrankFor(ms) {
      shrinkingMs += ms;
    },
  };

  function toShrinkInTurn(at: number): ShrinkTask | undefined {
    const shrinking = lanes.filter(({ task }) => task?.kind === 'shrink').length;
    const share = mayGenerate() ? Math.max(1, lanes.length >> 1) : lanes.length;
    if (shrinking >= share || remainingMs() <= 0) return undefined;
    // What is found first would hide the rest: it waits until its share of the time has come together.
    if (mayGenerate() && shrinkingMs + limits.shrinkUsualMs > limits.shrinkShare * lanes.length * elapsedMs())
      return undefined;
    return toShrink(at, (signature) => !isHang(signature));
  }

  function toShrink(at: number, isFit: (signature: string) => boolean): ShrinkTask | undefined {
    const next = discoveries.nextShrink(isFit, { vary: mayGenerate(), check: mayCheck() });
    if (!next) return undefined;
    on.report({ kind: 'shrinking', worker: at, discovery: next.discovery });
    const { kind } = next.discovery.rule;
    const usualMs =
      next.isVariant && kind !== 'hang'
        ? limits.variantDeadlineMs
        : kind === 'hang'
          ? limits.shrinkHangDeadlineMs
          : limits.shrinkDeadlineMs;
    const mostMs = (plan.budget.timeMs ?? Number.POSITIVE_INFINITY) * limits.oneShrinkShare;
    return { ...next.task, deadlineMs: Math.min(usualMs, mostMs, remainingMs()) };
  }

  function toRun(): RunTask | undefined {
    const again = remainingMs() > 0 ? notRun.shift() : undefined;
    if (again) return again;
    if (!mayGenerate()) return undefined;
    while (on.isOff(nextIndex % plan.programs.length)) {
      nextIndex++;
      passedOver++;
    }
    return nextRun(nextIndex++, plan, plan.feedback ? interesting : undefined, choices);
  }

  /** Only within a time: whoever asks for so many sequences does not wait for more. */
  function toExplain(): ExplainTask | undefined {
    const leftMs = remainingMs();
    if (!hasValgrind || !Number.isFinite(leftMs) || leftMs < limits.valgrindUsualMs) return undefined;
    const next = discoveries.nextExplain();
    return next && { ...next, kind: 'explain', deadlineMs: leftMs };
  }

  function keptForExplaining(): number {
    const mostMs = (plan.budget.timeMs ?? 0) * limits.explainShare;
    if (!hasValgrind || mostMs < limits.valgrindUsualMs) return 0;
    return Math.min((discoveries.unexplained() * limits.valgrindUsualMs) / plan.workers, mostMs);
  }

  /** A hunt looks for what is new first; a hang is checked beside that. */
  function mayCheck(): boolean {
    return mayGenerate() && shrinkingMs <= limits.checkShare * lanes.length * elapsedMs();
  }

  function remainingMs(): number {
    return (plan.budget.timeMs ?? Number.POSITIVE_INFINITY) - elapsedMs();
  }

  /** Towards the end the time left belongs to what waits to be shrunk. */
  function mayGenerate(): boolean {
    if (plan.stopAfter !== undefined && discoveries.all().length >= plan.stopAfter) return false;
    if (nextIndex - passedOver >= (plan.budget.sequences ?? Number.POSITIVE_INFINITY)) return false;
    const reservedMs = Math.min(
      (discoveries.waiting() * limits.shrinkUsualMs) / plan.workers,
      Math.max(0, (plan.budget.timeMs ?? 0) * limits.shrinkShare - shrinkingMs / lanes.length),
    );
    return remainingMs() > reservedMs + keptForExplaining();
  }
}
