import { type Aspect, isOnlySaid, nothing } from './aspect.ts';

/** What the runs of one sequence on one QEMU showed; `runs` has one list of aspects for each run. */
export type Sample = { runs: readonly (readonly Aspect[])[] };

/** The same place of the same sequence, otherwise on at least one QEMU; `values` in the order of the samples. */
export type Difference = Omit<Aspect, 'value'> & { values: readonly string[] };

export type Compared = {
  differences: readonly Difference[];
  /** Differs from itself on one of the QEMUs: no difference. */
  unstable: number;
  /** Comes after the first thing that went otherwise, and may follow from it. */
  afterwards: number;
};

/** What is the same in every run on each QEMU, and not the same on all of them. */
export function compare(samples: readonly Sample[]): Compared {
  const read = samples.map(({ runs }) =>
    runs.map((aspects) => new Map(aspects.map((each) => [each.key, each]))),
  );
  const keys = new Set(samples.flatMap(({ runs }) => runs.flatMap((run) => run.map(({ key }) => key))));
  const found: Difference[] = [];
  const differing = new Set<string>();
  let unstable = 0;
  for (const key of keys) {
    const values = read.map((runs) => [...new Set(runs.map((run) => run.get(key)?.value ?? nothing))]);
    if (new Set(values.flat()).size === 1) continue;
    differing.add(key);
    if (values.some((each) => each.length > 1)) {
      unstable++;
      continue;
    }
    found.push(differenceAt(key, read.flat(), values.flat()));
  }
  const own = firstOfEachJob(withoutImplied(found, differing));
  const first = Math.min(...own.flatMap(({ what, step }) => (isOnlySaid(what) ? [] : [step])));
  const differences = own.filter(
    ({ step, what }) => what === 'process' || step < first || (step === first && isFirst(what, own, first)),
  );
  return { differences, unstable, afterwards: own.length - differences.length };
}

function differenceAt(key: string, runs: readonly Map<string, Aspect>[], values: string[]): Difference {
  const seen = runs.flatMap((run) => run.get(key) ?? []);
  const { value: _, mayDiffer: __, ...aspect } = seen[0] as Aspect;
  return {
    ...aspect,
    step: Math.min(...seen.map(({ step }) => step)),
    ...(seen.some(({ mayDiffer }) => mayDiffer) ? { mayDiffer: true } : {}),
    values,
  };
}

/**
 * What a reply says goes with its outcome, and a member with the object that it is in: where that is not the same on
 * all, not even always, it is no difference of its own.
 */
function withoutImplied(found: readonly Difference[], differing: ReadonlySet<string>): Difference[] {
  return found.filter(({ within }) => within === undefined || !within.some((key) => differing.has(key)));
}

/** From its first other event on, a job's events are others. */
function firstOfEachJob(found: readonly Difference[]): Difference[] {
  const first = new Map<string, number>();
  for (const { key } of found) {
    const at = jobEvent(key);
    if (at) first.set(at.job, Math.min(at.event, first.get(at.job) ?? Number.POSITIVE_INFINITY));
  }
  return found.filter(({ key }) => {
    const at = jobEvent(key);
    return !at || first.get(at.job) === at.event;
  });
}

function jobEvent(key: string): { job: string; event: number } | undefined {
  const [, job, event] = /^job (\d+) event (\d+)$/.exec(key) ?? [];
  return job === undefined ? undefined : { job, event: Number(event) };
}

/** In one step a command's outcome comes first, and its job's events follow from it. */
function isFirst(what: Difference['what'], found: readonly Difference[], step: number): boolean {
  const hasOutcome = found.some((each) => each.step === step && each.what === 'outcome');
  return what === 'outcome' || isOnlySaid(what) || !hasOutcome;
}
