import { type Case, mustLive, type ScriptVerdict } from './verdict.ts';

/** What a step awaits with `expect: met` has to come; how a guest's request ends, qemu-io tells the reader only. */
export function claimVerdict({ finding, plan, trace, at }: Case): ScriptVerdict | undefined {
  const { step } = finding.violation;
  const planned = plan.steps.find(({ index }) => index === step);
  if (finding.rule !== 'claim/await' || trace[at]?.kind !== 'await' || planned === undefined)
    return undefined;
  const last = planned.actions.at(-1);
  // The other awaits are of a guest, of a process, or of nothing.
  if (last?.do !== 'await' || last.step.await === 'guest' || last.step.await === 'reply') return undefined;
  return {
    ends: 'steps',
    after: ({ index }) =>
      index === step ? ['[ $? -eq 0 ] || ! lives || shows "what is awaited does not come"'] : [],
    ending: [mustLive, 'absent'],
  };
}
