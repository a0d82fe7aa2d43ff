import { type AblatedRow, type AblationTable, runsToTell } from '../../findings/ablated.ts';
import type { Ablation } from '../../shrink/ablation/ablation.ts';
import type { Observation, Trace } from '../../trace/observation.ts';
import type { RatedProgram, RatedSequence, Rater } from './rater.ts';

export type AblationPlan = {
  rated: RatedSequence;
  ablations: readonly Ablation[];
  program: RatedProgram;
  rater: Rater;
  /** Runs of each; without it as many as can tell. */
  times?: number;
  /** Begins no run after that. */
  deadlineMs: number;
};

/** Tries each ablation in turn; yields the table as far as it is. Nothing where the finding itself does not show. */
export async function* ablate(plan: AblationPlan): AsyncGenerator<AblationTable> {
  const { rated, ablations, program, rater, deadlineMs } = plan;
  const begunMs = performance.now();
  const isOver = (): boolean => performance.now() - begunMs >= deadlineMs;
  const { target, flavour } = program;
  const { row: as } = await rater.rate(rated, program, { isOver });
  if (!as || as.ok === 0) return;
  const whole = { ok: as.ok, of: as.of };
  const usual = new Set(refusals(rated.trace));
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
  for (const { what, sequence } of ablations) {
    if (isOver()) return;
    const runs: Trace[] = [];
    const times = plan.times ?? runsToTell(whole);
    const { row, undecided } = await rater.rate({ ...rated, sequence }, program, {
      times,
      isOver,
      seen: (trace) => void runs.push(trace),
    });
    const { ok, of } = row ?? { ok: 0, of: 0 };
    const refused = runs.flatMap(refusals).find((each) => !usual.has(each));
    const how = ok > 0 ? undefined : (row?.how ?? (refused && `refused: ${refused}`) ?? undecided);
    rows.push({ what, ok, of, ...(how === undefined ? {} : { how }) });
    yield table();
  }
}

/** What QEMU said to commands of the steps that it refused. */
function refusals(trace: Trace): string[] {
  const steps = new Set(trace.flatMap((seen) => (isOfStep(seen) ? [seen.id] : [])));
  return trace.flatMap((seen) =>
    seen.kind === 'reply' && seen.error && seen.id !== undefined && steps.has(seen.id)
      ? [seen.error.desc]
      : [],
  );
}

const isOfStep = (seen: Observation): seen is Extract<Observation, { kind: 'command' }> =>
  seen.kind === 'command' && seen.step !== undefined;
