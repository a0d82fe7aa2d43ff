import { type AblatedRow, type AblationTable, runsToTell } from '../../findings/ablated.ts';
import type { Ablation } from '../../shrink/ablation/ablation.ts';
import type { Trace } from '../../trace/observation.ts';
import type { RatedProgram, RatedSequence, Rater } from './rater.ts';
import { newlyRefused } from './refused.ts';

export type AblationPlan = {
  rated: RatedSequence;
  ablations: readonly Ablation[];
  /** QEMU has to refuse what it dies of or hangs at: a refusal is what it should have said. */
  mustRefuse: boolean;
  program: RatedProgram;
  rater: Rater;
  /** Runs of each; without it as many as can tell. */
  times?: number;
  /** Begins no run after that. */
  deadlineMs: number;
};

/** Tries each ablation in turn; yields the table as far as it is. Nothing where the finding itself does not show. */
export async function* ablate(plan: AblationPlan): AsyncGenerator<AblationTable> {
  const { rated, ablations, mustRefuse, program, rater, deadlineMs } = plan;
  const begunMs = performance.now();
  const isOver = (): boolean => performance.now() - begunMs >= deadlineMs;
  const { target, flavour } = program;
  const { row: as } = await rater.rate(rated, program, { isOver });
  if (!as || as.ok === 0) return;
  const whole = { ok: as.ok, of: as.of };
  const rows: AblatedRow[] = [];
  const table = (): AblationTable => ({
    label: target.label,
    version: target.version,
    flavour,
    whole,
    rows: [...rows],
    ...(rows.length < ablations.length ? { untried: ablations.length - rows.length } : {}),
  });
  yield table();
  for (const { what, without, sequence, steps } of ablations) {
    if (isOver()) return;
    const runs: Trace[] = [];
    const times = plan.times ?? runsToTell(whole);
    const { row, undecided } = await rater.rate({ ...rated, sequence }, program, {
      times,
      isOver,
      seen: (trace) => void runs.push(trace),
    });
    const { ok, of } = row ?? { ok: 0, of: 0 };
    const refused = ok > 0 ? undefined : newlyRefused(runs, { whole: rated.trace, steps, mustRefuse });
    const how = ok > 0 ? undefined : (row?.how ?? undecided);
    rows.push({
      what,
      ...(without === undefined ? {} : { without }),
      ok,
      of,
      ...(how === undefined ? {} : { how }),
      ...(refused === undefined ? {} : { refused }),
    });
    yield table();
  }
}
