import { expect, onTestFinished, test } from 'vitest';
import { propertyFiles } from '../../src/campaign/properties.ts';
import { openConnection } from '../../src/lab/connection.ts';
import { reachedInLab } from '../../src/lab/prune.ts';
import { parseQueueUrl } from '../../src/lab/queue-url.ts';
import { work } from '../../src/lab/work.ts';
import { parseSequence } from '../../src/sequence/parse.ts';
import { oneQemu } from '../real/qemus.ts';
import { cannedLane } from './canned-lane.ts';
import { testTool } from './canned-plan.ts';
import { lackOfRedis, startRedis } from './redis-server.ts';

const target = oneQemu();
const lacks = lackOfRedis ?? (target?.daemon ? undefined : 'no qemu-storage-daemon is here');
const times = { lockMs: 1_000, stalledCheckMs: 500, offerWaitMs: 20_000 };

test.skipIf(lacks)(
  `workers say what sequences of a corpus reach, and of those that none could run that this is not known${lacks ? ` (skipped: ${lacks})` : ''}`,
  async () => {
    const server = await startRedis();
    const connection = await openConnection(parseQueueUrl(server.url));
    const worker = work(
      {
        programs: [{ target: target as never, flavour: 'daemon' }],
        ...{ lanes: 1, propertyFiles: propertyFiles(), tool: testTool, confinement: 'none' },
      },
      connection,
      () => {},
      { times, open: () => cannedLane({ msEach: 0 }) },
    );
    onTestFinished(async () => {
      await worker.stop();
      connection.close();
      await server.close();
    });
    const asks = (command: string, more = {}) =>
      parseSequence(
        JSON.stringify({
          schema: 1,
          title: command,
          arena: { disks: [] },
          steps: [{ qmp: command }],
          ...more,
        }),
        command,
      );
    const sequences = [
      asks('query-version'),
      asks('query-jobs'),
      asks('query-version', { requires: { flavour: 'system' } }),
    ];
    const plan = { sequences, wanted: undefined, flavour: 'both' as const, tool: testTool };
    const [version, jobs, elsewhere] = await reachedInLab(connection, { ...plan, warn: () => {} }, times);
    expect([version?.isKnown, jobs?.isKnown, elsewhere?.isKnown]).toEqual([true, true, false]);
    expect([...(version?.features ?? [])].some((each) => each.startsWith(`${target?.version} `))).toBe(true);
    expect(version?.features).not.toEqual(jobs?.features);
    expect(elsewhere?.features.size).toBe(0);
    expect(
      await connection.redis.exists(`${connection.prefix}:campaign`, `${connection.prefix}:coordinator`),
    ).toBe(0);
  },
);
