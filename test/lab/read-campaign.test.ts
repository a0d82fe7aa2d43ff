import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Connection, openConnection } from '../../src/lab/connection.ts';
import { keys } from '../../src/lab/keys.ts';
import type { WorkerSaid } from '../../src/lab/messages.ts';
import { parseQueueUrl } from '../../src/lab/queue-url.ts';
import { readCampaign } from '../../src/lab/read-campaign.ts';
import { lackOfRedis, type RedisServer, startRedis } from './redis-server.ts';

describe.skipIf(lackOfRedis)(`a campaign in Redis${lackOfRedis ? ` (skipped: ${lackOfRedis})` : ''}`, () => {
  let server: RedisServer;
  let connection: Connection;
  beforeAll(async () => {
    server = await startRedis('pass:word');
    connection = await openConnection(parseQueueUrl(server.url.replace('pass:word', 'pass%3Aword')));
  });
  afterAll(async () => {
    connection?.close();
    await server?.close();
  });

  test('where there is none, nothing is said of one', async () => {
    const status = await readCampaign(connection);
    expect(status).toEqual({
      isCoordinated: false,
      workers: [],
      queues: [{ name: 'results', waiting: 0, active: 0, delayed: 0, failed: 0 }],
      complaints: [],
    });
  });

  test('a worker that was not heard for a while is dead, and nonsense is complained of and left out', async () => {
    const at = keys(connection.prefix);
    const [seconds] = await connection.redis.time();
    await connection.redis.hset(at.workersSaid, {
      [alive.id]: JSON.stringify(alive),
      [dead]: JSON.stringify({ ...alive, id: dead }),
      nonsense: '{"id": 7}',
    });
    await connection.redis.zadd(at.workers, Number(seconds), alive.id, Number(seconds) - 60, dead);
    await connection.redis.set(at.campaign, 'no JSON');
    const { workers, complaints, campaign } = await readCampaign(connection);
    expect(workers.map(({ id, isAlive }) => [id, isAlive])).toEqual([
      [alive.id, true],
      [dead, false],
    ]);
    expect(campaign).toBeUndefined();
    expect(complaints).toHaveLength(2);
  });

  test('a wrong password is one line without it', async () => {
    const wrong = openConnection(parseQueueUrl(server.url.replace('pass:word', 'wrongsecret')));
    await expect(wrong).rejects.toThrow(/^no Redis at unix:\/\/:…@.*: (?!.*wrongsecret)/);
  });
});

const dead = 'f'.repeat(16);
const alive: WorkerSaid = {
  id: 'a'.repeat(16),
  host: 'one',
  pid: 7,
  tool: { name: 'mirrorfuzz', version: '0.1.0', protocol: 1 },
  confinement: 'bubblewrap',
  offers: [],
  lanes: [],
  shards: 0,
  tasks: 0,
  sequences: 0,
  startedAt: '2026-01-01T00:00:00.000Z',
};
