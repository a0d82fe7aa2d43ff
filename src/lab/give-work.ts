import type { CampaignEvent } from '../campaign/campaign-event.ts';
import type { Discoveries } from '../campaign/discoveries/discoveries.ts';
import { limits as campaignLimits } from '../campaign/limits.ts';
import type { CampaignState } from './campaign-state.ts';
import type { Fleet } from './fleet.ts';
import type { FollowUps } from './follow-ups.ts';
import type { WrittenJob } from './jobs.ts';
import type { LabPlan } from './lab-plan.ts';
import { limits } from './limits.ts';
import type { Progress } from './messages.ts';
import type { Outstanding } from './outstanding.ts';

/** What is given out next, as long as time, sequences and workers last: shrinks first, then shards. */
export function openWork(of: {
  plan: LabPlan;
  state: CampaignState;
  fleet: Fleet;
  outstanding: Outstanding;
  followUps: FollowUps;
  discoveries: Discoveries;
  shardsPerSecond(): number;
  remainingMs(): number;
  report(event: CampaignEvent): void;
}) {
  const { plan, state, fleet, outstanding, followUps, discoveries, remainingMs } = of;
  return { give, isDone, stateWord };

  /** `gaveOut` hears of shards before any worker has them. */
  async function give(gaveOut: (shards: readonly WrittenJob[]) => void): Promise<void> {
    const tasks = shrinks();
    if (tasks.length > 0) await outstanding.put(tasks);
    if (!mayGenerate()) return;
    const shards: WrittenJob[] = [];
    for (const key of fleet.keys()) {
      const want = wanted(key);
      let there = outstanding.count('hunt', key);
      if (there > want / 2) continue;
      for (; there < want; there++) {
        const shard = state.cutting.next(key, remainingMs());
        if (!shard) break;
        shards.push(shard);
      }
    }
    if (shards.length === 0) return;
    gaveOut(shards);
    await outstanding.put(shards);
  }

  /** Enough for two seconds: no lane waits for the coordinator. */
  function wanted(key: string): number {
    const lanes = fleet.lanes(key);
    if (lanes === 0) return 0;
    const enough = Math.max(limits.waitingMin, lanes * (1 + limits.waitingPerLane), 2 * of.shardsPerSecond());
    return Math.min(limits.waitingMax, Math.ceil(enough));
  }

  function shrinks(): WrittenJob[] {
    const most = Math.max(1, mayGenerate() ? fleet.lanes() >> 1 : fleet.lanes());
    const jobs: WrittenJob[] = [];
    while (outstanding.count('shrink') + jobs.length < most && remainingMs() > 0) {
      const may = mayGenerate();
      const next = discoveries.nextShrink(() => true, { vary: may, check: may });
      if (!next) break;
      of.report({ kind: 'shrinking', worker: 0, discovery: next.discovery });
      jobs.push(followUps.shrink(next.task, next.discovery, remainingMs()));
    }
    return jobs;
  }

  function mayGenerate(): boolean {
    if (plan.stopAfter !== undefined && discoveries.all().length >= plan.stopAfter) return false;
    const reservedMs = Math.min(
      (discoveries.waiting() * campaignLimits.shrinkUsualMs) / Math.max(1, fleet.lanes()),
      (plan.budget.timeMs ?? 0) * campaignLimits.shrinkShare,
    );
    return remainingMs() > reservedMs;
  }

  function isDone(): boolean {
    if (remainingMs() <= 0) return true;
    if (fleet.keys().length === 0 || (mayGenerate() && plan.budget.sequences === undefined)) return false;
    // With no worker left for them, tasks would be waited for without end.
    const waited = outstanding
      .all()
      .filter(({ kind, program }) => kind === 'hunt' || fleet.lanes(program) > 0);
    return waited.length === 0 && (!mayGenerate() || state.cutting.isSpent()) && discoveries.waiting() === 0;
  }

  function stateWord(): Progress['state'] {
    if (fleet.keys().length === 0) return 'waiting for workers';
    return mayGenerate() ? 'hunting' : 'shrinking';
  }
}
