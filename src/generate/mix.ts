import type { Step } from '../sequence/step.ts';
import type { Draw } from './draw.ts';
import { limits } from './limits.ts';
import type { Weights } from './property.ts';
import type { Situation } from './situation.ts';
import { type Family, families, jobStarters } from './steps/families.ts';

/** How likely each family of steps is in one sequence. */
export type Mix = readonly (readonly [weight: number, family: Family])[];

/**
 * The property's weights as this sequence has them (swarm testing): some families off, the others more or less likely,
 * so that what one kind of step hides comes out where that kind is missing.
 */
export function swarm(weights: Weights, draw: Draw): Mix {
  const { startJob = 0, ...rest } = weights;
  const whole: Mix = [
    ...jobStarters.map(([share, family]) => [share * startJob, family] as const),
    ...Object.entries(rest).map(([family, weight]) => [weight, family as Family] as const),
  ];
  const drawn = whole.map(([weight, family]) => {
    const isOff = draw.chance(limits.offChance);
    const factor = draw.oneOf([0.5, 1, 1, 2]);
    return [isOff ? 0 : weight * factor, family] as const;
  });
  if (startersOf(drawn).some(([weight]) => weight > 0)) return drawn;
  return [...drawn.filter(([, family]) => !isStarter(family)), ...startersOf(whole)];
}

/** The part of it that starts jobs. */
export const startersOf = (mix: Mix): Mix => mix.filter(([, family]) => isStarter(family));

const isStarter = (family: Family): boolean => family.startsWith('start') || family === 'transaction';

/** The steps of a family that has something sensible to do now; undefined where none was met. */
export function drawSteps(mix: Mix, draw: Draw, situation: Situation): Step[] | undefined {
  for (let attempt = 0; attempt < limits.attemptsPerStep; attempt++) {
    const family = draw.weighted(mix);
    const made = family && families[family](draw, situation);
    if (made && made.length > 0) return made;
  }
  return undefined;
}
