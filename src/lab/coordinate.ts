import { setTimeout as pause } from 'node:timers/promises';
import type { CampaignEvent } from '../campaign/campaign-event.ts';
import { openDiscoveries } from '../campaign/discoveries/discoveries.ts';
import { openInteresting } from '../campaign/feedback/interesting.ts';
import type { Hunt } from '../campaign/hunt.ts';
import { limits as campaignLimits } from '../campaign/limits.ts';
import { openFindings } from '../findings/store.ts';
import { beginCampaign } from './begin-campaign.ts';
import { clearQueues, readCampaignRecord, takeLease, writeCampaignRecord } from './campaign-record.ts';
import { openCampaignState } from './campaign-state.ts';
import type { Connection } from './connection.ts';
import { openFleet } from './fleet.ts';
import { openFollowUps } from './follow-ups.ts';
import { openWork } from './give-work.ts';
import type { WrittenJob } from './jobs.ts';
import { keys, queueNames } from './keys.ts';
import type { LabPlan } from './lab-plan.ts';
import { limits } from './limits.ts';
import { openOutstanding } from './outstanding.ts';
import { openProgress } from './progress.ts';
import { type LockTimes, openQueues } from './queues.ts';
import { openSpread } from './spread.ts';
import { openResultTaker } from './take-result.ts';

/**
 * Hunts by the workers of a lab until the budget is spent; starts no QEMU itself. The same events as of a hunt on this
 * machine. Killed and started again it goes on; `kill` leaves the campaign so that it can.
 */
export function coordinate(
  plan: LabPlan,
  connection: Connection,
  report: (event: CampaignEvent) => void,
  times: LockTimes & { shardSequencesMax?: number } = limits,
): Hunt {
  const begunMs = performance.now();
  const elapsedMs = (): number => performance.now() - begunMs;
  const warnings = new Set<string>();
  const store = openFindings(plan.findingsDir);
  const discoveries = openDiscoveries({ store, warn, ...plan });
  const interesting = openInteresting(campaignLimits.interestingMax);
  const fleet = openFleet(connection, plan, warn);
  let isOver = false;
  let isKilled = false;
  const finished = run();
  finished.catch(() => {});
  return {
    finished,
    async kill() {
      isKilled = true;
      isOver = true;
      await finished.catch(() => {});
    },
    discoveries: () => discoveries.all(),
    interesting,
  };

  async function run(): Promise<void> {
    const known = store.list();
    report({ ...plan, kind: 'began', findingsKnown: known.findings.length, seeds: plan.seeds.length });
    for (const complaint of [...known.complaints, ...(plan.complaints ?? [])]) warn(complaint);
    const lease = plan.lease ?? (await takeLease(connection));
    let campaign = await beginCampaign(connection, plan);
    const state = openCampaignState(plan.findingsDir, {
      campaign: campaign.id,
      seed: plan.seed,
      turns: plan.turns ?? plan.properties,
      sequences: plan.budget.sequences,
      shardSequencesMax: times.shardSequencesMax,
    });
    const queues = await openQueues(connection, times);
    const outstanding = openOutstanding(queues, connection);
    const followUps = openFollowUps({ store, fleet, campaign: campaign.id, put: putTasks, warn });
    const taker = openResultTaker({
      ...{ campaign: campaign.id, findingsDir: plan.findingsDir, corpusDir: plan.corpusDir },
      ...{ store, state, outstanding, discoveries, interesting, fleet, elapsedMs, report, warn },
      version: (key) => fleet.plan(key)?.target.version ?? '0.0',
      minimal: (discovery, { ended }, program) => {
        if (plan.budget.timeMs !== undefined) followUps.after(discovery, program);
        if (ended) spread.masksHaveChanged();
      },
    });
    const { counts } = taker;
    const progress = openProgress({
      ...{ state, discoveries, interesting, fleet, outstanding, elapsedMs },
      counts: () => counts,
    });
    const spread = openSpread(connection, plan, discoveries);
    const work = openWork({
      ...{ plan, state, fleet, outstanding, followUps, discoveries, remainingMs, report },
      shardsPerSecond: progress.shardsPerSecond,
    });
    let failure: unknown;
    for (const sequence of plan.seeds) interesting.seed(sequence);
    if (state.shardsDone() > 0) resumed();
    const results = queues.serve(queueNames.results, async (data) => {
      if (isOver) await new Promise(() => {}); // it stays where it is, for the next coordinator
      const news = failing(() => taker.take(data));
      await spread.pass(news ?? []);
      await giveWork();
    });
    try {
      await spread.seeds();
      await outstanding.put(state.left.shards);
      await beats();
    } finally {
      isOver = true;
      discoveries.flush();
      await Promise.race([results.close(true).catch(() => {}), pause(goodbyeMs)]);
      await Promise.race([farewell().catch(() => {}), pause(goodbyeMs)]);
      await Promise.race([queues.close(), pause(goodbyeMs)]);
      state.close();
    }
    if (failure) throw failure;

    /** Returns nothing where it fails: that ends the campaign in the one way that saves all. */
    function failing<T>(doIt: () => T): T | undefined {
      try {
        return doIt();
      } catch (error) {
        failure ??= error;
        isOver = true;
        return undefined;
      }
    }

    function resumed(): void {
      const { total } = state;
      const now = {
        features: interesting.featureCount(),
        edges: interesting.edgeCount(),
        interesting: interesting.size(),
      };
      for (const { version, sum } of state.perProgram.values())
        report({ kind: 'runs', version, sum: structuredClone(sum), news: 0, ...now });
      warn(
        `goes on where an earlier coordinator ended, after ${state.shardsDone()} shards with ${total.sequences} sequences`,
      );
    }

    async function beats(): Promise<void> {
      let nextLookMs = 0;
      let nextAuditMs = limits.auditEveryMs;
      while (!isOver) {
        const now = elapsedMs();
        if (now >= nextLookMs) {
          await lease.renew();
          await mend();
          await admit();
          report({ kind: 'machines', machines: fleet.machines() });
          await progress.write(connection, work.stateWord());
          nextLookMs = elapsedMs() + limits.statusEveryMs;
        }
        if (now >= nextAuditMs) {
          await audit();
          nextAuditMs = elapsedMs() + limits.auditEveryMs;
        }
        await giveWork();
        if (work.isDone()) return;
        await pause(beatMs);
      }
    }

    async function admit(): Promise<void> {
      for (const { key } of await fleet.look()) {
        state.cutting.admit(key);
        for (const found of state.left.found) if (found.program === key) taker.remember(found);
      }
      state.cutting.settle();
    }

    /** What an empty Redis has lost: whoever counts on it is told to begin anew. */
    async function mend(): Promise<void> {
      if ((await readCampaignRecord(connection))?.id === campaign.id) return;
      warn('Redis has lost what was in it: all that was out is given out again');
      campaign = { ...campaign, epoch: campaign.epoch + 1 };
      await writeCampaignRecord(connection, campaign);
      await outstanding.putAll();
      spread.masksHaveChanged();
      await spread.seeds();
      await spread.pass([]);
    }

    async function audit(): Promise<void> {
      const { poisoned, again } = await outstanding.audit(2 * limits.auditEveryMs);
      for (const job of poisoned) taker.giveUp(job);
      if (again > 0) warn('Redis has lost jobs, or answers were not believed: those are given out again');
    }

    async function giveWork(): Promise<void> {
      if (!isOver) await work.give((shards) => failing(() => state.gaveOut(shards)));
    }

    async function putTasks(jobs: readonly WrittenJob[]): Promise<void> {
      if (jobs.length > 0) await outstanding.put(jobs);
    }

    /** Killed, it leaves everything as it is for the next coordinator. */
    async function farewell(): Promise<void> {
      await lease.giveUp();
      if (isKilled || failure) return;
      await progress.write(connection, 'over');
      await connection.redis.unlink(keys(connection.prefix).campaign);
      await clearQueues(connection, { keepProgress: true });
      state.remove();
    }
  }

  function remainingMs(): number {
    return (plan.budget.timeMs ?? Number.POSITIVE_INFINITY) - elapsedMs();
  }

  /** Once each: the same may go wrong with every shard. */
  function warn(message: string): void {
    if (warnings.has(message)) return;
    warnings.add(message);
    report({ kind: 'warning', message });
  }
}

/** How often it is looked whether there is anything to do. */
const beatMs = 100;
/** Redis may be gone; nobody waits for a farewell longer. */
const goodbyeMs = 2_000;
