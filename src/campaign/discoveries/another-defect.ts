import type { NewFinding } from '../../findings/new-finding.ts';
import { compareCauses } from '../../findings/stacks/cause.ts';
import type { Stack } from '../../findings/stacks/stack.ts';
import type { ShrinkEnded } from '../worker/worker-messages.ts';

/**
 * What a shrunk variant of a known crash is where debuggers blame other code than for that crash: a finding of its own.
 * `before`: what they saw of the known one.
 */
export function anotherDefect(
  found: NewFinding,
  { sequence, reproduced, executions, stacks = [], shown }: ShrinkEnded,
  before: readonly Stack[],
): NewFinding | undefined {
  if (!shown || compareCauses(before, stacks) !== 'different') return undefined;
  return { ...found, ...shown, sequence, original: sequence, reproduced, executions, stacks, times: 1 };
}
