import { type StorageKind, storageKinds } from '../sequence/arena.ts';
import { fixedStorage, storageVariants } from '../sequence/storage-variants.ts';
import { limits } from './limits.ts';
import { type NamedSequence, type RunAll, type RunItem, type RunPlan, runAll } from './run-all.ts';
import { type Ruled, ruleOn } from './scenario-verdict.ts';

type Program = RunPlan['programs'][number];

/** A scenario on one program and, where its disks may lie on any, one kind of storage. */
export type ScenarioItem = Program & Ruled & { scenario: NamedSequence; storage?: StorageKind };

export type ScenarioPlan = RunPlan & {
  /** Kinds of storage that the varying disks lie on, one after the other. */
  storage: readonly StorageKind[];
  /** Whether a failing run breaks nothing but what is known. */
  isKnown(run: RunItem): boolean;
};

type Variant = NamedSequence & { scenario: NamedSequence; storage?: StorageKind };
type Listener = { ran(run: RunItem): void; ruled(item: ScenarioItem): void };

/** Runs every scenario on every program and storage, and what fails again, to tell a race from a defect. */
export function runScenarios(plan: ScenarioPlan, { ran, ruled }: Listener): RunAll {
  const variants = plan.sequences
    .flatMap((scenario) => variantsOf(scenario, plan.storage))
    .toSorted((a, b) => serverOf(a) - serverOf(b));
  const possible = variants.filter((variant) => leftOut(variant, plan.storage) === undefined);
  const failed: RunItem[] = [];
  const parts: RunAll[] = [];
  let killed = false;

  return {
    finished: work(),
    async kill() {
      killed = true;
      await Promise.all(parts.map((part) => part.kill()));
    },
    hopeless: () => (parts.some((part) => part.hopeless() === undefined) ? undefined : parts[0]?.hopeless()),
    sessionsStarted: () => parts.reduce((sum, part) => sum + part.sessionsStarted(), 0),
  };

  async function work(): Promise<void> {
    for (const variant of variants) {
      const reason = leftOut(variant, plan.storage);
      if (reason === undefined) continue;
      const { scenario } = variant;
      for (const program of plan.programs)
        ruled({ scenario, ...program, verdict: 'skipped', ok: 0, of: 0, reason });
    }
    await part(plan.programs, possible, (run) => {
      if (run.verdict === 'fail') failed.push(run);
      else reportRuns([run]);
    });
    for (const program of plan.programs) await again(program);
  }

  /** All that failed on one program, in a session of its own. */
  async function again(program: Program): Promise<void> {
    const here = failed.filter(
      ({ target, flavour }) => target === program.target && flavour === program.flavour,
    );
    if (here.length === 0 || killed) return;
    const runs = new Map(here.map((run) => [run.named, [run]]));
    const repeated = here.flatMap(({ named }) => Array<NamedSequence>(limits.scenarioRuns - 1).fill(named));
    await part([program], repeated, (run) => runs.get(run.named)?.push(run));
    for (const all of runs.values()) reportRuns(all);
  }

  async function part(
    programs: readonly Program[],
    sequences: readonly NamedSequence[],
    report: (run: RunItem) => void,
  ): Promise<void> {
    const running = runAll({ ...plan, programs, sequences }, (run) => {
      ran(run);
      report(run);
    });
    parts.push(running);
    await running.finished;
  }

  function reportRuns(runs: readonly RunItem[]): void {
    const [{ named, target, flavour }] = runs as [RunItem];
    const { scenario, storage } = named as Variant;
    ruled({
      scenario,
      target,
      flavour,
      ...(storage === undefined ? {} : { storage }),
      ...ruleOn(runs, plan.isKnown),
    });
  }
}

function variantsOf(scenario: NamedSequence, kinds: readonly StorageKind[]): Variant[] {
  return storageVariants(scenario.sequence, kinds).map(({ storage, sequence }) => ({
    ...scenario,
    ...(storage === undefined ? {} : { storage }),
    name: storage === undefined || storage === 'file' ? scenario.name : `${scenario.name}@${storage}`,
    sequence,
    scenario,
  }));
}

/** Sessions are kept from one sequence to the next where both want the same servers. */
function serverOf({ sequence }: Variant): number {
  return Math.max(0, ...fixedStorage(sequence).map((kind) => storageKinds.indexOf(kind)));
}

/** A scenario about one kind of storage, where that kind is not to be used. */
function leftOut({ scenario }: Variant, kinds: readonly StorageKind[]): string | undefined {
  const lacking = fixedStorage(scenario.sequence).find((kind) => !kinds.includes(kind));
  return lacking === undefined
    ? undefined
    : `${lacking} storage is not asked for or not usable here: mirrorfuzz doctor`;
}
