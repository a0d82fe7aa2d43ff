import type { Interesting } from '../campaign/feedback/interesting.ts';
import { addJudged, addRan, addUndecided, noRuns } from '../campaign/feedback/runs-sum.ts';
import { variantOf } from '../campaign/lanes/next-run.ts';
import { limits as campaignLimits } from '../campaign/limits.ts';
import type { ProgramPlan, Ran } from '../campaign/worker/worker-messages.ts';
import { EnvironmentError } from '../errors.ts';
import { drawFrom } from '../generate/draw.ts';
import type { Sequence } from '../sequence/sequence.ts';
import type { HuntJob } from './jobs.ts';
import type { Died, Lane } from './lane.ts';
import { limits } from './limits.ts';
import { packSequence, packTrace } from './packed.ts';
import type { WrittenResult } from './results.ts';
import { writtenViolation } from './violation.ts';

export type WrittenHunt = Extract<WrittenResult, { kind: 'hunt' }>;

/**
 * Runs a shard on a lane. A process that dies takes one sequence along; the rest is done by the next one. undefined where
 * it is not wanted any more. Throws EnvironmentError where processes die without end.
 */
export async function doShard(
  job: HuntJob,
  on: {
    lane: Lane;
    program: { plan: ProgramPlan; at: number };
    /** What may be varied; undefined: every sequence is fresh. */
    interesting?: Interesting | undefined;
    ran(ran: Ran): void;
    isOver(): boolean;
  },
): Promise<Pick<WrittenHunt, 'sum' | 'shown' | 'lost'> | undefined> {
  const sum = noRuns();
  const shown: WrittenHunt['shown'] = [];
  const lost: WrittenHunt['lost'] = [];
  const choices = drawFrom(`shard ${job.id}`);
  let fruitlessDeaths = 0;
  for (let at = 0; at < job.count; at++) {
    if (on.isOver()) return undefined;
    const index = job.from + at * job.step;
    const variant = on.interesting && variantOf(on.interesting, on.program.plan, choices);
    const origin = variant ?? { from: 'property' as const };
    const { property, seed } = job;
    const task = {
      kind: 'run' as const,
      index,
      program: on.program.at,
      property,
      seed: `${seed} ${index}`,
      origin,
    };
    const answer = await on.lane.run(task);
    if (answer.kind === 'died') {
      if (on.isOver()) return undefined;
      sum.sequences++;
      addUndecided(sum, workerDied);
      noteLost(answer);
      if (++fruitlessDeaths > campaignLimits.fruitlessDeathsMax)
        throw new EnvironmentError(
          `worker processes die before they run a sequence: ${answer.how}`,
          'mirrorfuzz doctor',
        );
      continue;
    }
    fruitlessDeaths = 0;
    addRan(sum, answer);
    on.ran(answer);
    noteShown(answer, answer.sequence);
  }
  for (const answer of await on.lane.confirmed()) {
    if (answer.kind === 'died') {
      addUndecided(sum, workerDied);
      noteLost(answer);
    } else {
      addJudged(sum, answer);
      noteShown(answer, answer.sequence);
    }
  }
  return on.isOver() ? undefined : { sum, shown, lost };

  function noteLost({ how, running }: Died): void {
    lost.push({
      how: how.slice(0, limits.textLengthMax),
      ...(running ? { sequence: packSequence(running) } : {}),
    });
  }

  function noteShown({ index, features, moments, violations, elapsedMs }: Ran, sequence?: Sequence): void {
    if (!sequence) return;
    shown.push({
      index,
      sequence: packSequence(sequence),
      features: features.slice(0, limits.featuresMax),
      moments: moments.slice(0, limits.momentsMax).map(({ step, jobs }) => ({ step, jobs })),
      violations: violations.slice(0, limits.violationsMax).map(({ signature, violation, trace }) => ({
        signature: signature.slice(0, limits.textLengthMax),
        violation: writtenViolation(violation),
        ...(trace ? { trace: packTrace(trace) } : {}),
      })),
      elapsedMs,
    });
  }
}

const workerDied = 'its worker died';
