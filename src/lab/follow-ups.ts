import type { Discovery } from '../campaign/discoveries/discovery.ts';
import { limits as campaignLimits } from '../campaign/limits.ts';
import type { ShrinkTask } from '../campaign/worker/worker-messages.ts';
import type { Findings } from '../findings/store.ts';
import type { Fleet } from './fleet.ts';
import { type WrittenJob, withId } from './jobs.ts';
import { limits } from './limits.ts';
import { packSequence, packTrace } from './packed.ts';

/** What is to be done about a finding: it is shrunk, confirmed, tried on every other QEMU of the lab, and taken apart. */
export type FollowUps = {
  shrink(task: Omit<ShrinkTask, 'deadlineMs'>, discovery: Discovery, remainingMs: number): WrittenJob;
  /** It is minimal now. */
  after(discovery: Discovery, program: string): void;
};

export function openFollowUps(of: {
  store: Findings;
  fleet: Fleet;
  campaign: string;
  put(jobs: readonly WrittenJob[]): Promise<void>;
  warn(message: string): void;
}): FollowUps {
  const followed = new Set<string>();
  const { campaign } = of;
  let shrinks = 0;

  return {
    shrink({ id: finding, program, sequence, signature, step }, { rule }, remainingMs) {
      const usualMs =
        rule.kind === 'hang' ? campaignLimits.shrinkHangDeadlineMs : campaignLimits.shrinkDeadlineMs;
      const deadlineMs = Math.max(1, Math.min(usualMs, remainingMs));
      return withId({
        kind: 'shrink' as const,
        campaign,
        program: of.fleet.keyOf(program),
        finding,
        signature,
        sequence: packSequence(sequence),
        ...(step === undefined ? {} : { at: step }),
        deadlineMs,
        // The same sequence may be shrunk again, where a worker died of it: that is another job.
        attempt: ++shrinks,
      });
    },
    after(discovery, program) {
      const { id, shrunk, unsaved } = discovery;
      if (shrunk !== 'done' || unsaved || followed.has(id)) return;
      followed.add(id);
      try {
        void of.put(tasksFor(id, program)).catch(() => {});
      } catch (error) {
        of.warn(`${id}: ${(error as Error).message}`);
      }
    },
  };

  function tasksFor(finding: string, program: string): WrittenJob[] {
    const stored = of.store.read(finding);
    const { signature, kind, reach } = stored.finding;
    const what = {
      ...{ campaign, finding, signature, isHang: kind === 'hang' },
      ...{ sequence: packSequence(stored.sequence()), trace: packTrace(stored.trace()) },
    };
    const rated = of.fleet
      .keys()
      .map((on) =>
        withId({ kind: 'rate' as const, ...what, program: on, deadlineMs: limits.rateDeadlineMs }),
      );
    const own = withId({
      ...{ kind: 'ablate' as const, ...what, program, deadlineMs: limits.ablateDeadlineMs },
      mustRefuse: reach === 'invalid-commands',
    });
    return [...rated, own];
  }
}
