import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Connection, openConnection } from '../../src/lab/connection.ts';
import { parseQueueUrl } from '../../src/lab/queue-url.ts';
import { readCampaign } from '../../src/lab/read-campaign.ts';
import { lackOfRedis, type RedisServer, startRedis } from '../lab/redis-server.ts';
import { oneQemu } from '../real/qemus.ts';
import { temporaryDir } from '../target/temporary.ts';
import { start } from './mirrorfuzz.ts';
import { sequenceFile, sound, unsound } from './sequence-files.ts';

const qemu = oneQemu();
const lacks = lackOfRedis ?? (qemu?.daemon ? undefined : 'no qemu-storage-daemon is here');

describe.skipIf(lacks)(`a gate by the workers of a lab${lacks ? ` (skipped: ${lacks})` : ''}`, () => {
  const label = qemu?.label ?? '';
  let server: RedisServer;
  let connection: Connection;
  let children: ChildProcess[] = [];
  let dir: string;
  beforeEach(async () => {
    server = await startRedis('s3cret');
    connection = await openConnection(parseQueueUrl(server.url));
  });
  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL');
    children = [];
    connection?.close();
    await server?.close();
  });

  test('says what one machine says, though a worker is killed over an item: another does it', {
    timeout: 150_000,
  }, async () => {
    dir = temporaryDir();
    // All at once: each takes longer to start than to do its part, and whoever comes late finds what is left.
    const far = start([...gateArgs('far'), '--queue', server.url]);
    startWorker();
    startWorker();
    process.kill(await pidOfWhoHasAnItem(), 'SIGKILL');
    const { stdout, stderr, code } = await far.ended;
    expect([stderr, code]).toEqual(['', 0]);
    expect(stdout).toMatch(/\ngate: pass\n$/);
    expect(stdout).not.toContain('s3cret');
    const of = JSON.parse(readFileSync(join(dir, 'far', 'gate.json'), 'utf8'));
    // As one machine says: gate.test.ts.
    expect(of.items.map(said)).toEqual(['scenario/sound pass', 'scenario/unsound known', 'hunt pass']);
    expect(of).toMatchObject({ verdict: 'pass', complete: true });
    expect(of.rules.some(({ held }: { held: number }) => held > 0)).toBe(true);
    expect(of.machines.length).toBeGreaterThan(0);
    expect(JSON.stringify(of)).not.toContain('s3cret');
    // Whatever it asked for is gone, and the next one can begin.
    expect(
      await connection.redis.exists(`${connection.prefix}:campaign`, `${connection.prefix}:coordinator`),
    ).toBe(0);
  });

  /** The token of a lock begins with the worker's id. */
  async function pidOfWhoHasAnItem(): Promise<number> {
    for (;;) {
      const [lock] = await connection.redis.keys(`${connection.prefix}:gate-*:lock`);
      const holder = lock === undefined ? null : await connection.redis.get(lock);
      const { workers } = holder === null ? { workers: [] } : await readCampaign(connection);
      const pid = workers.find(({ id }) => holder?.startsWith(id))?.pid;
      if (pid !== undefined) return pid;
      await pause(10);
    }
  }

  function gateArgs(out: string): string[] {
    const scenarios = join(dir, 'corpus', 'scenarios');
    mkdirSync(scenarios, { recursive: true });
    for (const [name, content] of Object.entries({ sound, unsound })) sequenceFile(scenarios, name, content);
    const where = ['--corpus', 'corpus', '--findings', 'findings', '--out', out];
    return [
      ...['gate', '--candidate', label, '--baseline', label, '--flavour', 'daemon', '--storage', 'file'],
      ...['--workers', '1', '--seed', '7', '--time', '120s', '--sequences', '1', '--properties', 'refusals'],
      ...where.map((word) => (word.startsWith('--') ? word : join(dir, word))),
    ];
  }

  function startWorker(): ChildProcess {
    const script = join(import.meta.dirname, '..', 'lab', 'real-worker.ts');
    const child = spawn(process.execPath, [script, server.url, '1000', label], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    children.push(child);
    return child;
  }
});

const said = ({ name, verdict }: { name: string; verdict: string }): string => `${name} ${verdict}`;
