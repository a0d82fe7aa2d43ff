import type { Draw } from '../../generate/draw.ts';
import type { Interesting } from '../feedback/interesting.ts';
import type { HuntPlan } from '../hunt-plan.ts';
import { limits } from '../limits.ts';
import type { ProgramPlan, RunTask, SequenceOrigin } from '../worker/worker-messages.ts';

/**
 * The campaign's sequence number `index`. Its program, its property and the seed of all its choices follow from the
 * number alone, so that the same seed and options give the same fresh sequences on any machine. Whether it varies an
 * earlier one instead, and which, depends on what QEMU showed.
 */
export function nextRun(
  index: number,
  plan: Pick<HuntPlan, 'seed' | 'programs' | 'properties' | 'turns'>,
  interesting: Interesting | undefined,
  choices: Draw,
): RunTask {
  const { turns = plan.properties } = plan;
  const round = Math.floor(index / plan.programs.length);
  const program = index % plan.programs.length;
  return {
    kind: 'run',
    index,
    program,
    property: turns[round % turns.length] as string,
    seed: `${plan.seed} ${index}`,
    origin: (interesting && variantOf(interesting, plan.programs[program], choices)) ?? { from: 'property' },
  };
}

/** What a sequence varies, and how; undefined where it is to be fresh. */
export function variantOf(
  interesting: Interesting,
  program: ProgramPlan | undefined,
  choices: Draw,
): SequenceOrigin | undefined {
  if (!choices.chance(limits.mutantShare)) return undefined;
  const to = choices.chance(limits.aimedShare)
    ? interesting.aim(choices, program?.target.version ?? '')
    : undefined;
  if (to) return { from: 'aim', to };
  const parents = interesting.parents(choices);
  return parents && { from: 'parents', parents };
}
