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
  plan: Pick<HuntPlan, 'seed' | 'programs' | 'properties' | 'turns' | 'opening'>,
  interesting: Interesting | undefined,
  choices: Draw,
): RunTask {
  const round = Math.floor(index / plan.programs.length);
  const program = index % plan.programs.length;
  const { property, isOpening } = turnAt(round, plan);
  const varied =
    interesting && !isOpening ? variantOf(interesting, plan.programs[program], choices) : undefined;
  return {
    kind: 'run',
    index,
    program,
    property,
    seed: `${plan.seed} ${index}`,
    origin: varied ?? { from: 'property' },
  };
}

/** At first every other turn is one of the opening, fresh: what a few short sequences show need not wait for its turn. */
function turnAt(
  round: number,
  { properties, turns = properties, opening = [] }: Pick<HuntPlan, 'properties' | 'turns' | 'opening'>,
): { property: string; isOpening: boolean } {
  const rounds = opening.length > 0 ? limits.openingRounds : 0;
  const isOpening = round < rounds && round % 2 === 0;
  const usual = round < rounds ? round >> 1 : round - (rounds >> 1);
  const property = isOpening ? opening[(round >> 1) % opening.length] : turns[usual % turns.length];
  return { property: property as string, isOpening };
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
