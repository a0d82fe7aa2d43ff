import type { Connection } from './connection.ts';
import { keys } from './keys.ts';
import { limits } from './limits.ts';
import type { WorkerSaid } from './messages.ts';

/** Says that a worker is there, by Redis's clock; the dead of long ago are forgotten along the way. */
export async function beat({ redis, prefix }: Connection, said: WorkerSaid): Promise<void> {
  const at = keys(prefix);
  const [seconds] = await redis.time();
  const old = String(Number(seconds) - limits.deadWorkersShownMs / 1000);
  const gone = await redis.zrangebyscore(at.workers, '-inf', old);
  await redis
    .multi()
    .hset(at.workersSaid, said.id, JSON.stringify(said))
    .zadd(at.workers, String(seconds), said.id)
    .exec();
  if (gone.length > 0) {
    await redis.hdel(at.workersSaid, ...gone);
    await redis.zrem(at.workers, ...gone);
  }
}

/** It goes in peace: nobody has to look for it. */
export async function leave({ redis, prefix }: Connection, id: string): Promise<void> {
  const at = keys(prefix);
  await redis.multi().hdel(at.workersSaid, id).zrem(at.workers, id).exec();
}
