import { createHash, randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { EnvironmentError } from '../errors.ts';
import type { Connection } from './connection.ts';
import { keys } from './keys.ts';
import { limits } from './limits.ts';
import { type Campaign, campaignSchema } from './messages.ts';

/** The campaign that a prefix of Redis has, and who coordinates it. */

/** Of all that makes two campaigns the same one: a coordinator that is started again goes on with it. */
export function campaignId(
  of: Omit<Campaign, 'id' | 'kind' | 'epoch' | 'budget' | 'startedAt' | 'host'>,
): string {
  const { tool, seed, properties, storage, shrink, mask, feedback } = of;
  const whole = [tool, seed, properties, storage ?? null, shrink, mask, feedback];
  return createHash('sha256').update(JSON.stringify(whole)).digest('hex').slice(0, 16);
}

export async function readCampaignRecord({ redis, prefix }: Connection): Promise<Campaign | undefined> {
  const text = await redis.get(keys(prefix).campaign);
  if (text === null || text.length > limits.statusBytesMax) return undefined;
  try {
    return campaignSchema.parse(JSON.parse(text));
  } catch {
    return undefined; // another version's: whoever coordinates writes it anew
  }
}

export async function writeCampaignRecord({ redis, prefix }: Connection, campaign: Campaign): Promise<void> {
  await redis.set(keys(prefix).campaign, JSON.stringify(campaign));
}

/** The right to coordinate, which a coordinator renews; it lapses with a killed one. */
export type Lease = { renew(): Promise<void>; giveUp(): Promise<void> };

/** Waits for the lease of one that was killed to lapse. Throws EnvironmentError where somebody renews it. */
export async function takeLease({ redis, prefix, shown }: Connection): Promise<Lease> {
  const key = keys(prefix).coordinator;
  const me = `${hostname()} pid ${process.pid} ${randomBytes(4).toString('hex')}`;
  const until = performance.now() + limits.heartbeatLifeMs + limits.heartbeatEveryMs;
  while ((await redis.set(key, me, 'PX', limits.heartbeatLifeMs, 'NX')) === null) {
    if (performance.now() > until) {
      const other = (await redis.get(key))?.replace(/ \w+$/, '') ?? 'another';
      throw new EnvironmentError(
        `the campaign at ${shown} has a coordinator already: ${other}`,
        'stop it, or give this one a prefix of its own: --queue redis://…?prefix=NAME',
      );
    }
    await pause(200);
  }
  return {
    async renew() {
      const holder = await redis.get(key);
      if (holder !== null && holder !== me)
        throw new EnvironmentError(`another coordinator has taken over the campaign at ${shown}`);
      await redis.set(key, me, 'PX', limits.heartbeatLifeMs);
    },
    async giveUp() {
      if ((await redis.get(key)) === me) await redis.del(key);
    },
  };
}

/** All that an earlier campaign has left below the prefix, workers' words apart. */
export async function clearQueues(
  { redis, prefix }: Connection,
  { keepProgress = false } = {},
): Promise<void> {
  const at = keys(prefix);
  for (const pattern of ['hunt-*', 'task-*', 'gate-*', 'results*'].map((each) => `${prefix}:${each}`)) {
    let cursor = '0';
    do {
      const [next, found] = await redis.scan(cursor, 'MATCH', pattern, 'COUNT', 1000);
      if (found.length > 0) await redis.unlink(...found);
      cursor = next;
    } while (cursor !== '0');
  }
  await redis.unlink(at.news, at.asked, ...(keepProgress ? [] : [at.progress]));
}
