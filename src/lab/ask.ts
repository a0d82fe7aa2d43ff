import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { clearQueues, type Lease, readCampaignRecord, writeCampaignRecord } from './campaign-record.ts';
import type { Connection } from './connection.ts';
import { idOf } from './id-of.ts';
import type { WrittenJob } from './jobs.ts';
import { keys, queueNames } from './keys.ts';
import { limits } from './limits.ts';
import type { Asked, Campaign } from './messages.ts';
import { openOutstanding } from './outstanding.ts';
import { type LockTimes, openQueues } from './queues.ts';
import { type Result, resultSchema } from './results.ts';

/** Asks the workers of a lab one thing at a time, and waits for the answer: what a gate and a corpus need. */
export type Asking = {
  /** Resolves in any case. A worker that dies over it is no answer: another gets it. */
  ask(job: WrittenJob): Promise<Answer>;
  /** Whoever waits, and whoever asks from now on, gets that answer. */
  giveUp(why: string): void;
  /** Leaves nothing of it in Redis; the lease is not its own. Rejects where its coordinator could not go on. */
  close(): Promise<void>;
};

export type HowFar = Pick<Asked, 'doing' | 'done' | 'of' | 'words'>;

export type Answer = Result | { kind: 'none'; why: string };

/** The record of what is asked: it shrinks nothing, varies nothing and has no budget of its own. */
export const askedCampaign = (
  of: Pick<Campaign, 'kind' | 'sides' | 'storage'> & {
    seed?: string;
    tool: { name: string; version: string };
  },
): Campaign => ({
  ...{ seed: '0', properties: [], shrink: false, mask: false, feedback: false, epoch: 0, budget: {} },
  ...of,
  id: randomBytes(8).toString('hex'),
  tool: { ...of.tool, protocol: limits.protocol },
  startedAt: new Date().toISOString(),
  host: hostname().slice(0, 200),
});

/** `whoServes`: asks who is there; says of a job whether one of them may take it. */
export async function openAsking(
  connection: Connection,
  of: {
    campaign: Campaign;
    lease: Lease;
    whoServes(): Promise<(job: WrittenJob) => boolean>;
    /** How far it is, for whoever looks at the lab. */
    progress(): HowFar;
    warn(message: string): void;
  },
  times: LockTimes = limits,
): Promise<Asking> {
  let { campaign } = of;
  const begunMs = performance.now();
  await clearQueues(connection);
  await writeCampaignRecord(connection, campaign);
  const queues = await openQueues(connection, times);
  const outstanding = openOutstanding(queues, connection);
  /** By program, since when nobody is there who may run it. */
  const unserved = new Map<string, number>();
  const waiting = new Map<string, (answer: Answer) => void>();
  let refusal: string | undefined;
  let failure: unknown;
  let isOver = false;
  const results = queues.serve(queueNames.results, async (data) => take(data));
  const beating = beats();

  return {
    async ask(job) {
      if (refusal !== undefined) return { kind: 'none', why: refusal };
      if (isGone(job)) return { kind: 'none', why: nobody };
      const answer = new Promise<Answer>((resolve) => waiting.set(job.id, resolve));
      await outstanding.put([job]);
      return answer;
    },
    giveUp,
    async close() {
      giveUp('nobody waits for it any more');
      isOver = true;
      await beating;
      await Promise.race([results.close(true).catch(() => {}), pause(goodbyeMs)]);
      const gone = connection.redis.unlink(keys(connection.prefix).campaign);
      await Promise.race([gone.then(() => clearQueues(connection)).catch(() => {}), pause(goodbyeMs)]);
      await Promise.race([queues.close(), pause(goodbyeMs)]);
      if (failure) throw failure;
    },
  };

  function giveUp(why: string): void {
    refusal ??= why;
    for (const id of [...waiting.keys()]) resolve(id, { kind: 'none', why });
  }

  function resolve(id: string, answer: Answer): void {
    const waits = waiting.get(id);
    waiting.delete(id);
    outstanding.remove(id);
    waits?.(answer);
  }

  function take(data: unknown): void {
    const parsed = resultSchema.safeParse(data);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      refuse(idOf(data), `${issue?.path.join('.')}: ${issue?.message}`);
      return;
    }
    const { data: result } = parsed;
    const job = outstanding.get(result.id);
    if (!job) return; // it was done twice
    if (job.kind === result.kind && job.program === result.program && hasAll(job, result))
      resolve(job.id, result);
    else refuse(job.id, 'it answers another question');
  }

  function refuse(id: string | undefined, why: string): void {
    of.warn(`a worker's answer can't be believed (${why.slice(0, 200)}): it is asked again`);
    if (id !== undefined && outstanding.refused(id, limits.refusalsMax))
      resolve(id, { kind: 'none', why: 'no answer of the lab could be believed' });
  }

  async function beats(): Promise<void> {
    let nextLookMs = 0;
    let nextAuditMs = performance.now() + limits.auditEveryMs;
    try {
      while (!isOver) {
        if (performance.now() >= nextLookMs) {
          await of.lease.renew();
          await mend();
          await withoutServer();
          await showProgress();
          nextLookMs = performance.now() + limits.statusEveryMs;
        }
        if (performance.now() >= nextAuditMs) {
          await audit();
          nextAuditMs = performance.now() + limits.auditEveryMs;
        }
        await pause(beatMs);
      }
    } catch (error) {
      failure = error;
      giveUp((error as Error).message);
    }
  }

  async function showProgress(): Promise<void> {
    const elapsedMs = Math.round(performance.now() - begunMs);
    const asked: Asked = { campaign: campaign.id, ...of.progress(), elapsedMs };
    await connection.redis.set(keys(connection.prefix).asked, JSON.stringify(asked));
  }

  async function mend(): Promise<void> {
    if ((await readCampaignRecord(connection))?.id === campaign.id) return;
    of.warn('Redis has lost what was in it: all that was out is given out again');
    campaign = { ...campaign, epoch: campaign.epoch + 1 };
    await writeCampaignRecord(connection, campaign);
    await outstanding.putAll();
  }

  async function withoutServer(): Promise<void> {
    const isServed = await of.whoServes();
    for (const job of outstanding.all())
      if (isServed(job)) unserved.delete(job.program);
      else if (!unserved.has(job.program)) unserved.set(job.program, performance.now());
      else if (isGone(job)) resolve(job.id, { kind: 'none', why: nobody });
  }

  /** One that is started again within some seconds was not gone. */
  function isGone({ program }: WrittenJob): boolean {
    const sinceMs = unserved.get(program);
    return sinceMs !== undefined && performance.now() - sinceMs >= limits.offerWaitMs;
  }

  async function audit(): Promise<void> {
    const { poisoned, again } = await outstanding.audit(2 * limits.auditEveryMs);
    for (const { id } of poisoned)
      resolve(id, { kind: 'none', why: 'it took every worker along that it was given to' });
    if (again > 0) of.warn('Redis has lost jobs, or answers were not believed: those are given out again');
  }
}

/** As many runs, or sequences, as were asked for. */
function hasAll(job: WrittenJob, result: Result): boolean {
  if (job.kind === 'gate' && result.kind === 'gate') return job.runsOn.length === result.runs.length;
  if (job.kind === 'prune' && result.kind === 'prune') return job.sequences.length === result.reached.length;
  return true;
}

const nobody = 'no worker of the lab is left that could run it';
const beatMs = 100;
const goodbyeMs = 2_000;
