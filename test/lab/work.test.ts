import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { propertyFiles } from '../../src/campaign/properties.ts';
import { writeCampaignRecord } from '../../src/lab/campaign-record.ts';
import { type Connection, openConnection } from '../../src/lab/connection.ts';
import { keys } from '../../src/lab/keys.ts';
import { limits } from '../../src/lab/limits.ts';
import type { Campaign } from '../../src/lab/messages.ts';
import { parseQueueUrl } from '../../src/lab/queue-url.ts';
import { type LabWorkerEvent, work } from '../../src/lab/work.ts';
import { cannedLane } from './canned-lane.ts';
import { cannedPrograms, testTool } from './canned-plan.ts';
import { lackOfRedis, type RedisServer, startRedis } from './redis-server.ts';

const campaign: Campaign = {
  ...{
    id: '0'.repeat(16),
    kind: 'hunt',
    tool: { ...testTool, protocol: limits.protocol },
    seed: '7',
    properties: [],
  },
  ...{ shrink: true, mask: true, feedback: false, epoch: 0, budget: {}, startedAt: 'now', host: 'here' },
};

describe.skipIf(lackOfRedis)(`a worker${lackOfRedis ? ` (skipped: ${lackOfRedis})` : ''}`, () => {
  let server: RedisServer;
  let connection: Connection;
  beforeEach(async () => {
    server = await startRedis();
    connection = await openConnection(parseQueueUrl(server.url));
  });
  afterEach(async () => {
    connection?.close();
    await server?.close();
  });

  test('that has seen Redis empty shows anew what it had shown before', async () => {
    await writeCampaignRecord(connection, campaign);
    const { worker, until, forgotten } = serve();
    await until('joined');
    expect(forgotten()).toBe(0);
    await connection.redis.del(keys(connection.prefix).campaign);
    await until('left');
    await writeCampaignRecord(connection, { ...campaign, epoch: 1 });
    await until('joined', 2);
    expect(forgotten()).toBe(1);
    await worker.stop();
  });

  test.each([
    ['version', { ...campaign.tool, version: '9.9.9' }],
    ['protocol', { ...campaign.tool, protocol: limits.protocol + 1 }],
  ])('of another %s refuses the campaign in one line', async (_, tool) => {
    await writeCampaignRecord(connection, { ...campaign, tool });
    const own = `${testTool.version}, protocol ${limits.protocol}`;
    await expect(serve().worker.finished).rejects.toThrow(
      `this is mirrorfuzz ${own}, the campaign is of ${tool.version}, protocol ${tool.protocol}`,
    );
  });

  test('with another file in properties/ refuses the campaign', async () => {
    await writeCampaignRecord(connection, {
      ...campaign,
      properties: [{ name: 'integrity', digest: 'another' }],
    });
    await expect(serve().worker.finished).rejects.toThrow("properties/integrity is not the coordinator's");
  });

  function serve() {
    const events: LabWorkerEvent[] = [];
    let forgotten = 0;
    const lane = {
      ...cannedLane({ msEach: 0 }),
      forget: () => {
        forgotten++;
      },
    };
    const worker = work(
      {
        ...{ programs: cannedPrograms, lanes: 1, propertyFiles: propertyFiles() },
        ...{ tool: testTool, confinement: 'none' },
      },
      connection,
      (event) => void events.push(event),
      { open: () => lane, times: { lockMs: 50, stalledCheckMs: 1_000 } },
    );
    const until = async (kind: LabWorkerEvent['kind'], times = 1): Promise<void> => {
      while (events.filter((event) => event.kind === kind).length < times) await pause(5);
    };
    return { worker, until, forgotten: () => forgotten };
  }
});
