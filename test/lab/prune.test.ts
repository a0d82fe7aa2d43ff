import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { propertyFiles } from '../../src/campaign/properties.ts';
import { tool } from '../../src/cli/options.ts';
import { type Connection, openConnection } from '../../src/lab/connection.ts';
import { reachedInLab } from '../../src/lab/prune.ts';
import { parseQueueUrl } from '../../src/lab/queue-url.ts';
import { readCampaign } from '../../src/lab/read-campaign.ts';
import { work } from '../../src/lab/work.ts';
import { parseSequence } from '../../src/sequence/parse.ts';
import { oneQemu } from '../real/qemus.ts';
import { cannedLane } from './canned-lane.ts';
import { lackOfRedis, type RedisServer, startRedis } from './redis-server.ts';

const target = oneQemu();
const lacks = lackOfRedis ?? (target?.daemon ? undefined : 'no qemu-storage-daemon is here');
const times = { lockMs: 1_000, stalledCheckMs: 500, offerWaitMs: 20_000 };

describe.skipIf(lacks)(`a corpus run by a lab${lacks ? ` (skipped: ${lacks})` : ''}`, () => {
  let server: RedisServer;
  let connection: Connection;
  beforeEach(async () => {
    server = await startRedis();
    connection = await openConnection(parseQueueUrl(server.url));
  });
  afterEach(async () => {
    connection.close();
    await server.close();
  });

  test('workers say what sequences reach, and of those that none could run that this is not known', async () => {
    startWorkerHere();
    const sequences = [
      asks('query-version'),
      asks('query-jobs'),
      asks('query-version', { requires: { flavour: 'system' } }),
    ];
    const [version, jobs, elsewhere] = await reachedBy(sequences);
    expect([version?.isKnown, jobs?.isKnown, elsewhere?.isKnown]).toEqual([true, true, false]);
    expect([...(version?.features ?? [])].some((each) => each.startsWith(`${target?.version} `))).toBe(true);
    expect(version?.features).not.toEqual(jobs?.features);
    expect(elsewhere?.features.size).toBe(0);
    expect(await leftBehind()).toBe(0);
  });

  test('a worker that is killed over a corpus loses nothing: another does what it had; how far it is can be seen meanwhile', async () => {
    const { kill } = startWorkerThere();
    // Longer than it takes to kill whoever has it.
    const slow = asks('query-jobs', { steps: [{ qmp: 'query-jobs' }, { pause: 3_000 }] });
    const asked = reachedBy([asks('query-version'), slow]);
    const killed = await holder();
    kill();
    startWorkerHere();
    const [version, jobs] = await asked;
    expect([version?.isKnown, jobs?.isKnown]).toEqual([true, true]);
    expect(version?.features.size).toBeGreaterThan(0);
    expect(killed.asked).toMatchObject({
      doing: 'running the corpus',
      done: 0,
      of: 2,
      words: expect.stringMatching(/^0 decided/),
    });
    expect(await leftBehind()).toBe(0);
  });

  const reachedBy = (sequences: Parameters<typeof reachedInLab>[1]['sequences']) =>
    reachedInLab(connection, { sequences, wanted: undefined, flavour: 'both', tool, warn: () => {} }, times);

  /** What the queue says once a worker has the job. */
  async function holder() {
    for (;;) {
      const [lock] = await connection.redis.keys(`${connection.prefix}:task-*:lock`);
      const status = await readCampaign(connection);
      if (lock !== undefined && status.asked) return status;
      await pause(10);
    }
  }

  const leftBehind = () =>
    connection.redis.exists(
      ...['campaign', 'coordinator', 'asked'].map((key) => `${connection.prefix}:${key}`),
    );

  function startWorkerHere(): void {
    const worker = work(
      {
        programs: [{ target: target as never, flavour: 'daemon', storage: ['file'] }],
        ...{ lanes: 1, propertyFiles: propertyFiles(), tool, confinement: 'none' },
      },
      connection,
      () => {},
      { times, open: () => cannedLane({ msEach: 0 }) },
    );
    onTestFinished(() => worker.stop());
  }

  function startWorkerThere(): { kill(): void } {
    const script = join(import.meta.dirname, 'real-worker.ts');
    const child = spawn(process.execPath, [script, server.url, `${times.lockMs}`, target?.label ?? ''], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const kill = (): void => void child.kill('SIGKILL');
    onTestFinished(kill);
    return { kill };
  }
});

const asks = (command: string, more = {}) =>
  parseSequence(
    JSON.stringify({ schema: 1, title: command, arena: { disks: [] }, steps: [{ qmp: command }], ...more }),
    command,
  );
