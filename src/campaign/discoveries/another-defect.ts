import type { NewFinding } from '../../findings/new-finding.ts';
import { isOtherCause } from '../../findings/other-cause.ts';
import { readable } from '../../findings/readable.ts';
import { compareCauses } from '../../findings/stacks/cause.ts';
import type { Stack } from '../../findings/stacks/stack.ts';
import type { Findings } from '../../findings/store.ts';
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

/** The same where the store's findings of that signature, `id` the first of them, all take other commands. */
export function takingOtherCommands(
  store: Findings,
  id: string,
  found: NewFinding,
  { signature, sequence, reproduced, executions, stacks = [], shown, complete }: ShrinkEnded,
): NewFinding | undefined {
  if (!complete || !shown) return undefined;
  const alike = store.list().findings.filter((finding) => finding.signature === signature);
  const known = alike.map((finding) => readable(() => store.read(finding.id).sequence()));
  if (known.length === 0 || known.some((each) => !each || !isOtherCause(each, sequence))) return undefined;
  const own = { sequence, original: sequence, reproduced, executions, stacks, times: 1 };
  return { ...found, ...shown, ...own, apartFrom: id };
}
