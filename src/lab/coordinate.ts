import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { CampaignEvent } from '../campaign/campaign-event.ts';
import { openDiscoveries } from '../campaign/discoveries/discoveries.ts';
import { openInteresting } from '../campaign/feedback/interesting.ts';
import type { Hunt } from '../campaign/hunt.ts';
import type { HuntPlan } from '../campaign/hunt-plan.ts';
import { limits as campaignLimits } from '../campaign/limits.ts';
import { openFindings } from '../findings/store.ts';
import {
  campaignId,
  clearQueues,
  type Lease,
  readCampaignRecord,
  takeLease,
  writeCampaignRecord,
} from './campaign-record.ts';
import { openCampaignState } from './campaign-state.ts';
import type { Connection } from './connection.ts';
import { openFleet } from './fleet.ts';
import { openFollowUps } from './follow-ups.ts';
import type { WrittenJob } from './jobs.ts';
import { keys, queueNames } from './keys.ts';
import { limits } from './limits.ts';
import type { Campaign, Progress } from './messages.ts';
import { publish, type WrittenNews, writtenMask } from './news.ts';
import { openOutstanding } from './outstanding.ts';
import { packSequence } from './packed.ts';
import { openProgress } from './progress.ts';
import { propertyDigests } from './property-digests.ts';
import { type LockTimes, openQueues } from './queues.ts';
import { openResultTaker } from './take-result.ts';

/** `programs` is empty at first: what workers offer goes there. `wanted`: labels, versions or keys of those that are asked for. */
export type LabPlan = Omit<HuntPlan, 'workers' | 'programs'> & {
  programs: HuntPlan['programs'][number][];
  wanted: readonly string[] | undefined;
  flavour: 'system' | 'daemon' | 'both';
  storage?: NonNullable<Campaign['storage']>;
  /** The right to coordinate, where whoever asks has it already. */
  lease?: Lease;
};

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
    let campaign = await begin();
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
        if (ended) masksChanged = true;
      },
    });
    const { counts } = taker;
    const progress = openProgress({
      ...{ state, discoveries, interesting, fleet, outstanding, elapsedMs },
      counts: () => counts,
    });
    let masksChanged = false;
    let failure: unknown;
    for (const sequence of plan.seeds) interesting.seed(sequence);
    if (state.shardsDone() > 0) resumed();
    const results = queues.serve(queueNames.results, async (data) => {
      if (isOver) await new Promise(() => {}); // it stays where it is, for the next coordinator
      const news = failing(() => taker.take(data));
      await pass(news ?? []);
      await giveWork();
    });
    try {
      await seedsOut();
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
      const [features, size] = [interesting.featureCount(), interesting.size()];
      for (const { version, sum } of state.perProgram.values())
        report({ kind: 'runs', version, sum: structuredClone(sum), news: 0, features, interesting: size });
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
          await progress.write(connection, stateWord());
          nextLookMs = elapsedMs() + limits.statusEveryMs;
        }
        if (now >= nextAuditMs) {
          await audit();
          nextAuditMs = elapsedMs() + limits.auditEveryMs;
        }
        await giveWork();
        if (isDone()) return;
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
      masksChanged = true;
      await seedsOut();
      await pass([]);
    }

    async function audit(): Promise<void> {
      const { poisoned, again } = await outstanding.audit(2 * limits.auditEveryMs);
      for (const job of poisoned) taker.giveUp(job);
      if (again > 0) warn('Redis has lost jobs, or answers were not believed: those are given out again');
    }

    /** Everything that workers begin with: what the corpus has. */
    async function seedsOut(): Promise<void> {
      if (!plan.feedback) return;
      const version = '0.0'; // of no QEMU in particular
      const seeds = plan.seeds.slice(0, limits.newsMax / 2);
      const news = seeds.map((sequence, i): WrittenNews => {
        const features = [`seed ${i}`];
        return {
          kind: 'sequence',
          version,
          sequence: packSequence(sequence),
          features,
          moments: [],
          elapsedMs: 0,
        };
      });
      for (let at = 0; at < news.length; at += 100) await publish(connection, news.slice(at, at + 100));
    }

    async function pass(news: readonly WrittenNews[]): Promise<void> {
      const masks: WrittenNews[] =
        masksChanged && plan.mask ? [{ kind: 'masks', masks: discoveries.masks().map(writtenMask) }] : [];
      masksChanged = false;
      const wanted = plan.feedback ? news : news.filter(({ kind }) => kind !== 'sequence');
      await publish(connection, [...wanted, ...masks]);
    }

    async function giveWork(): Promise<void> {
      if (isOver) return;
      await putTasks(shrinks());
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
      failing(() => state.gaveOut(shards));
      await outstanding.put(shards);
    }

    /** Enough for two seconds: no lane waits for the coordinator. */
    function wanted(key: string): number {
      const lanes = fleet.lanes(key);
      if (lanes === 0) return 0;
      const enough = Math.max(
        limits.waitingMin,
        lanes * (1 + limits.waitingPerLane),
        2 * progress.shardsPerSecond(),
      );
      return Math.min(limits.waitingMax, Math.ceil(enough));
    }

    function shrinks(): WrittenJob[] {
      const most = Math.max(1, mayGenerate() ? fleet.lanes() >> 1 : fleet.lanes());
      const jobs: WrittenJob[] = [];
      while (outstanding.count('shrink') + jobs.length < most && remainingMs() > 0) {
        const may = mayGenerate();
        const next = discoveries.nextShrink(() => true, { vary: may, check: may });
        if (!next) break;
        report({ kind: 'shrinking', worker: 0, discovery: next.discovery });
        jobs.push(followUps.shrink(next.task, next.discovery, remainingMs()));
      }
      return jobs;
    }

    async function putTasks(jobs: readonly WrittenJob[]): Promise<void> {
      if (jobs.length > 0) await outstanding.put(jobs);
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
      return (
        waited.length === 0 && (!mayGenerate() || state.cutting.isSpent()) && discoveries.waiting() === 0
      );
    }

    function stateWord(): Progress['state'] {
      if (fleet.keys().length === 0) return 'waiting for workers';
      return mayGenerate() ? 'hunting' : 'shrinking';
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

  /** The campaign's record: the one that is there where it is the same, else a new one, and nothing of the old. */
  async function begin(): Promise<Campaign> {
    const digests = await propertyDigests(plan.propertyFiles);
    const properties = plan.properties.map((name) => ({ name, digest: digests.get(name) ?? '' }));
    const { seed, shrink, mask, feedback, budget, storage } = plan;
    const tool = { ...plan.tool, protocol: limits.protocol };
    const what = { tool, seed, properties, shrink, mask, feedback, ...(storage ? { storage } : {}) };
    const id = campaignId(what);
    const there = await readCampaignRecord(connection);
    const isSame = there?.id === id;
    if (!isSame) await clearQueues(connection);
    const startedAt = isSame ? there.startedAt : new Date().toISOString();
    const epoch = isSame ? there.epoch : 0;
    const campaign = {
      ...what,
      kind: 'hunt' as const,
      id,
      epoch,
      budget,
      startedAt,
      host: hostname().slice(0, 200),
    };
    await writeCampaignRecord(connection, campaign);
    return campaign;
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

/** The seed of a campaign that is there and that nobody coordinates; undefined where there is none. */
export async function seedToResume(connection: Connection): Promise<string | undefined> {
  const there = await readCampaignRecord(connection);
  return there?.kind === 'hunt' ? there.seed : undefined;
}

/** How often it is looked whether there is anything to do. */
const beatMs = 100;
/** Redis may be gone; nobody waits for a farewell longer. */
const goodbyeMs = 2_000;
