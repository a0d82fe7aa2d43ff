import type { Connection } from '../lab/connection.ts';
import { type CampaignStatus, readCampaign } from '../lab/read-campaign.ts';
import { limits } from './limits.ts';

/** A lab's queue. `trouble`: why it does not answer, where it does not. */
export type WatchedQueue = Connection & { trouble(): string | undefined };

export type WatchedCampaign = { status?: CampaignStatus; trouble?: string };

/** Asks a lab's queue again and again. Where it does not answer, what it said last stays, with why. */
export function watchCampaign(queue: WatchedQueue | undefined): () => Promise<WatchedCampaign> {
  if (!queue) return async () => ({});
  let status: CampaignStatus | undefined;
  let asking: { sinceMs: number; answered: Promise<void> } | undefined;
  return async () => {
    // Commands to a Redis that is away wait for it: one question at a time.
    if (!asking && queue.trouble() === undefined) asking = { sinceMs: performance.now(), answered: ask() };
    if (asking) await Promise.race([asking.answered, pause(limits.watchEveryMs)]);
    const silentMs = asking ? performance.now() - asking.sinceMs : 0;
    const silent =
      silentMs > limits.silentAfterMs ? 'it has taken the question, and gives no answer' : undefined;
    const trouble = queue.trouble() ?? silent;
    return { ...(status ? { status } : {}), ...(trouble === undefined ? {} : { trouble }) };
  };

  async function ask(): Promise<void> {
    try {
      status = await readCampaign(queue as WatchedQueue);
    } catch {
      // The connection was lost for good: `trouble` says so.
    } finally {
      asking = undefined;
    }
  }
}

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms).unref());
