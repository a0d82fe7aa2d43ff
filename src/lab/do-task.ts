import { featuresOf } from '../campaign/feedback/novelty.ts';
import type { KeptTryOuts } from '../campaign/kept-try-outs.ts';
import { limits as campaignLimits } from '../campaign/limits.ts';
import { ablate } from '../campaign/rating/ablate.ts';
import { openRater } from '../campaign/rating/rater.ts';
import type { ProgramPlan } from '../campaign/worker/worker-messages.ts';
import { EnvironmentError } from '../errors.ts';
import { type AblationTable, ablationSchema } from '../findings/ablated.ts';
import { ablations } from '../shrink/ablation/ablation.ts';
import type { RunRoot } from '../target/run-dir.ts';
import type { TaskJob } from './jobs.ts';
import type { Lane } from './lane.ts';
import { limits } from './limits.ts';
import { packSequence, packTrace } from './packed.ts';
import type { WrittenResult } from './results.ts';
import { writtenTried } from './tried.ts';
import { writtenViolation } from './violation.ts';

type Of<Kind extends WrittenResult['kind']> = Omit<
  Extract<WrittenResult, { kind: Kind }>,
  'id' | 'campaign' | 'worker' | 'program' | 'elapsedMs'
>;
/** What a task came to, without who did it. */
export type TaskDone = Of<'shrink'> | Of<'rate'> | Of<'ablate'> | Of<'gate'> | Of<'prune'>;

export type TaskPlace = {
  lane: Lane;
  program: { plan: ProgramPlan; at: number };
  /** One of this machine's, by its key. */
  planOf(key: string): ProgramPlan | undefined;
  /** Of this lane: sessions are kept from one task to the next. */
  tryOuts: KeptTryOuts;
  root: RunRoot;
  tool: { name: string; version: string };
  isOver(): boolean;
};

/**
 * Carries out a task on this machine. One that the machine does not let go on has no result: that is an answer, too.
 * undefined where it is not wanted any more.
 */
export async function doTask(job: TaskJob, on: TaskPlace): Promise<TaskDone | undefined> {
  switch (job.kind) {
    case 'shrink':
      return shrink(job, on);
    case 'rate':
      return rate(job, on);
    case 'ablate':
      return ablateHere(job, on);
    case 'gate':
      return gateRuns(job, on);
    case 'prune':
      return reach(job, on);
  }
}

async function shrink(
  { finding, sequence, signature, at, deadlineMs }: Extract<TaskJob, { kind: 'shrink' }>,
  { lane, program }: TaskPlace,
): Promise<Of<'shrink'>> {
  const ended = await lane.shrink({
    kind: 'shrink',
    id: finding,
    program: program.at,
    sequence,
    signature,
    ...(at === undefined ? {} : { step: at }),
    deadlineMs,
  });
  if (ended.kind === 'died')
    return { kind: 'shrink', failed: `its worker died: ${ended.how}`.slice(0, 1_000) };
  if (ended.kind === 'shrink-failed') return { kind: 'shrink', failed: ended.trouble.reason.slice(0, 1_000) };
  const { reproduced, executions, complete, shown, stacks } = ended;
  return {
    kind: 'shrink',
    ended: {
      sequence: packSequence(ended.sequence),
      reproduced,
      executions,
      complete,
      ...(shown
        ? {
            shown: {
              trace: packTrace(shown.trace),
              violation: writtenViolation(shown.violation),
              beside: shown.beside.slice(0, limits.violationsMax),
            },
          }
        : {}),
      ...(stacks ? { stacks: [...stacks] } : {}),
    },
  };
}

async function rate(job: Extract<TaskJob, { kind: 'rate' }>, on: TaskPlace): Promise<Of<'rate'>> {
  const rater = openRater({ workers: 1, root: on.root, tool: on.tool });
  const until = performance.now() + job.deadlineMs;
  const isOver = (): boolean => on.isOver() || performance.now() >= until;
  try {
    const { row } = await rater.rate(job, on.program.plan, { isOver });
    return { kind: 'rate', ...(row ? { row } : {}) };
  } catch (error) {
    if (error instanceof EnvironmentError) return { kind: 'rate' };
    throw error;
  } finally {
    await rater.close();
  }
}

async function ablateHere(
  job: Extract<TaskJob, { kind: 'ablate' }>,
  { program, root, tool }: TaskPlace,
): Promise<Of<'ablate'>> {
  const deadlineScale = job.isHang ? campaignLimits.hangDeadlineScale : 1;
  const rater = openRater({ workers: 1, root, tool, deadlineScale });
  const variants = ablations(job.sequence);
  let table: AblationTable | undefined;
  try {
    const { mustRefuse } = job;
    const plan = { rated: job, ablations: variants, mustRefuse, program: program.plan, rater };
    for await (const soFar of ablate({ ...plan, deadlineMs: job.deadlineMs })) table = soFar;
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
  } finally {
    await rater.close();
  }
  return { kind: 'ablate', ...(table ? { table: ablationSchema.parse(table) } : {}) };
}

async function gateRuns(
  { runsOn, sequence, deadlineScale, isFresh }: Extract<TaskJob, { kind: 'gate' }>,
  { planOf, tryOuts, isOver }: TaskPlace,
): Promise<Of<'gate'> | undefined> {
  const runs: Of<'gate'>['runs'] = [];
  for (const key of runsOn) {
    const program = planOf(key);
    if (!program || isOver()) return undefined;
    runs.push(writtenTried(await tryOuts.run(program, sequence, { deadlineScale, isFresh })));
  }
  return { kind: 'gate', runs };
}

async function reach(
  { sequences }: Extract<TaskJob, { kind: 'prune' }>,
  { program, tryOuts, isOver }: TaskPlace,
): Promise<Of<'prune'> | undefined> {
  const reached: Of<'prune'>['reached'] = [];
  for (const sequence of sequences) {
    if (isOver()) return undefined;
    const { trace, verdicts, reason, violations } = await tryOuts.run(program.plan, sequence);
    reached.push({
      features: [...featuresOf(trace, verdicts)].slice(0, limits.featuresMax),
      isDecided: reason === undefined || violations.length > 0,
    });
  }
  return { kind: 'prune', reached };
}
