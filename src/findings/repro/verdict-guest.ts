import { driveOf } from './booted-guest.ts';
import { hasRequestsInFlight } from './step-guest.ts';
import { type Case, mustLive, type ScriptVerdict } from './verdict.ts';

/** A request that must not fail, or must: qemu-io says so, where every request is waited for. */
export function guestVerdict({ finding, facts, plan }: Case): ScriptVerdict | undefined {
  const { step } = finding.violation;
  const planned = plan.steps.find(({ index }) => index === step);
  const last = planned?.actions.at(-1);
  if (facts?.shape !== 'guest' || last?.do !== 'guest' || !last.wait) return undefined;
  const isBooted = driveOf(plan, last.disk) !== undefined;
  if (!isBooted && hasRequestsInFlight(plan)) return undefined; // whose answers come in between
  const fails = isBooted ? ' error ' : ' failed: ';
  const isWrong =
    facts.is === 'done'
      ? `[[ $answer == *'${fails}'* ]] || shows "the guest's request does not fail: $answer"`
      : `[[ $answer != *'${fails}'* ]] || shows "the guest's request fails: $answer"`;
  return {
    ends: 'steps',
    after: ({ index }) => (index === step ? [isWrong] : []),
    ending: [mustLive, 'absent'],
  };
}
