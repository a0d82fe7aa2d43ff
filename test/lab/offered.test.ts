import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Connection, openConnection } from '../../src/lab/connection.ts';
import { beat } from '../../src/lab/heartbeat.ts';
import { limits } from '../../src/lab/limits.ts';
import type { Offer, WorkerSaid } from '../../src/lab/messages.ts';
import { offeredOf } from '../../src/lab/offered.ts';
import { parseQueueUrl } from '../../src/lab/queue-url.ts';
import { testTool } from './canned-plan.ts';
import { lackOfRedis, type RedisServer, startRedis } from './redis-server.ts';

const offer = (version: string, key: string, flavour: 'system' | 'daemon' = 'daemon'): Offer => ({
  ...{ key: key.repeat(16), label: `debian:${version}`, version, path: '/qemu', flavour },
  ...{ storage: ['file'], without: [] },
});
const [old, young] = [offer('7.2.22', 'a'), offer('10.0.13', 'b')];

describe.skipIf(lackOfRedis)(
  `what a lab offers a gate${lackOfRedis ? ` (skipped: ${lackOfRedis})` : ''}`,
  () => {
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

    test('is named by label or version, in the flavours that are there', async () => {
      await worker('1', [old, young]);
      const { offered, workers } = await ask('debian:10.0.13', '7.2.22');
      expect(offered).toEqual([{ daemon: young }, { daemon: old }]);
      expect(workers).toHaveLength(1);
    });

    test('is nothing where no worker is there, or only those of another version: an error of the environment, one line', async () => {
      await expect(ask('7.2.22')).rejects.toMatchObject({
        name: 'EnvironmentError',
        message: `no worker is at ${connection.shown}`,
      });
      await worker('1', [old], '9.9.9');
      await expect(ask('7.2.22')).rejects.toThrow(
        `no worker at ${connection.shown} is of mirrorfuzz ${testTool.version}, protocol ${limits.protocol}: host has 9.9.9`,
      );
    });

    test('is not what nobody offers, nor two QEMUs that no worker has together, nor two builds by one name', async () => {
      await worker('1', [old]);
      await expect(ask('99.9')).rejects.toMatchObject({
        name: 'UsageError',
        message: '--candidate 99.9: no worker offers that QEMU',
        remedy: 'there is debian:7.2.22',
      });
      await worker('2', [young]);
      await expect(ask('10.0.13', '7.2.22')).rejects.toThrow('no worker offers 10.0.13 and 7.2.22 together');
      await worker('3', [{ ...young, key: 'c'.repeat(16) }]);
      await expect(ask('10.0.13')).rejects.toThrow('workers offer different programs by that name');
    });

    function ask(candidate: string, baseline?: string) {
      const words = [
        { option: 'candidate', spec: candidate },
        ...(baseline === undefined ? [] : [{ option: 'baseline', spec: baseline }]),
      ];
      return offeredOf(connection, { words, flavours: ['system', 'daemon'], tool: testTool }, 0);
    }

    async function worker(id: string, offers: Offer[], version = testTool.version): Promise<void> {
      const said: WorkerSaid = {
        ...{ id: id.repeat(16), host: 'host', pid: 1, confinement: 'none', offers, startedAt: 'now' },
        tool: { ...testTool, version, protocol: limits.protocol },
        ...{ lanes: [{ doing: 'waiting', forMs: 0 }], shards: 0, tasks: 0, sequences: 0 },
      };
      await beat(connection, said);
    }
  },
);
