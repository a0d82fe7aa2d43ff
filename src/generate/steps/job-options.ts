import type { JsonObject } from '../../sequence/json-object.ts';
import type { Draw } from '../draw.ts';
import { limits } from '../limits.ts';
import type { Situation } from '../situation.ts';

/** What every job takes: a speed, and who finalizes and dismisses it. */
export function jobOptions(draw: Draw, { habits }: Situation): JsonObject {
  return {
    ...(draw.chance(habits.slow)
      ? { speed: draw.oneOf(limits.slowSpeeds) }
      : draw.sometimes(habits.options / 2, { speed: draw.oneOf([0, 2 ** 30, 2 ** 50]) })),
    ...draw.sometimes(habits.byHand, { 'auto-finalize': false }),
    ...draw.sometimes(habits.byHand, { 'auto-dismiss': false }),
    ...draw.sometimes(habits.options / 4, { 'auto-finalize': true, 'auto-dismiss': true }),
  };
}

/** What becomes of errors while copying. */
export function copyPolicies(draw: Draw, { habits }: Situation): JsonObject {
  return {
    ...draw.sometimes(habits.policies, { 'on-source-error': draw.oneOf(policies) }),
    ...draw.sometimes(habits.policies, { 'on-target-error': draw.oneOf(policies) }),
  };
}

/** The same for commit and stream, which have one policy for both sides. */
export const onError = (draw: Draw, { habits }: Situation): JsonObject =>
  draw.sometimes(habits.policies, { 'on-error': draw.oneOf(policies) });

const policies = ['stop', 'stop', 'enospc', 'report', 'ignore', 'auto'] as const;
