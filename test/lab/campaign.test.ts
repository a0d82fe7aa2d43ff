import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CampaignEvent } from '../../src/campaign/campaign-event.ts';
import { isEdge } from '../../src/campaign/feedback/novelty.ts';
import { nextRun } from '../../src/campaign/lanes/next-run.ts';
import { propertyFiles } from '../../src/campaign/properties.ts';
import { openFindings } from '../../src/findings/store.ts';
import { drawFrom } from '../../src/generate/draw.ts';
import { type Connection, openConnection } from '../../src/lab/connection.ts';
import { coordinate } from '../../src/lab/coordinate.ts';
import { parseQueueUrl } from '../../src/lab/queue-url.ts';
import { openQueues } from '../../src/lab/queues.ts';
import { readWorkers } from '../../src/lab/read-campaign.ts';
import { type LabWorker, work } from '../../src/lab/work.ts';
import { openHuntTally } from '../../src/report/hunt-tally.ts';
import { cannedLane } from './canned-lane.ts';
import { cannedPlan, cannedPrograms, testTool } from './canned-plan.ts';
import { lackOfRedis, type RedisServer, startRedis } from './redis-server.ts';

const times = { lockMs: 1_000, stalledCheckMs: 500 };
const sequences = 120;
const canned = { msEach: 5, crashEvery: 50 };

describe.skipIf(lackOfRedis)(
  `a campaign of many machines${lackOfRedis ? ` (skipped: ${lackOfRedis})` : ''}`,
  () => {
    let server: RedisServer;
    let connection: Connection;
    let dir: string;
    let children: ReturnType<typeof spawn>[] = [];
    let here: LabWorker[] = [];
    beforeEach(async () => {
      server = await startRedis();
      connection = await openConnection(parseQueueUrl(server.url));
      dir = mkdtempSync(join(tmpdir(), 'mf-lab-'));
    });
    afterEach(async () => {
      for (const child of children) child.kill('SIGKILL');
      children = [];
      await Promise.all(here.map((worker) => worker.stop()));
      here = [];
      connection?.close();
      await server?.close();
      rmSync(dir, { recursive: true, force: true });
    });

    test('each sequence of the seed is counted once, and a crash is one finding, though a worker is killed and a coordinator is started anew', async () => {
      const other = startWorker();
      await until(async () => (await readWorkers(connection)).workers.length === 1);
      serveHere();
      const first = await start();
      await until(() => first.state().sequences >= 20);
      other.kill('SIGKILL');
      await until(() => first.state().sequences >= 40);
      await first.hunting.kill();
      const second = await start();
      await second.hunting.finished;
      const { sequences: counted, discoveries, undecided } = second.state();
      expect(counted).toBe(sequences);
      expect(undecided).toEqual({});
      const ran = [...first.features(), ...second.features()];
      expect(new Set(ran)).toEqual(new Set(await freshOfTheSeed()));
      expect(discoveries).toMatchObject([{ known: false }]);
      const [finding, ...others] = openFindings(dir).list().findings;
      expect(others).toEqual([]);
      expect(finding?.executions).toBeGreaterThan(1); // it was shrunk
      const id = finding?.id ?? '';
      expect(readdirSync(join(dir, id)).sort()).toEqual(
        ['README.md', 'finding.json', 'original.json', 'repro.sh', 'sequence.json', 'trace.jsonl'].sort(),
      );
      expect(readdirSync(join(dir, '.lab'))).toEqual([]); // nothing to go on with
    });

    test('Redis that comes back empty, and answers that are no answers, change nothing of what is counted', async () => {
      serveHere();
      const { hunting, state, features } = await start();
      await until(() => state().sequences >= 20);
      const shard = { kind: 'hunt', id: `h-${'0'.repeat(20)}`, campaign: '0'.repeat(16) };
      const nonsense = [
        7,
        {},
        { ...shard, sum: 'nonsense' },
        { ...shard, shown: [{ sequence: '../../etc/passwd' }] },
      ];
      const queues = await openQueues(connection, times);
      await queues.queue('results').addBulk(nonsense.map((data) => ({ name: 'hunt', data })));
      await until(() => state().warnings.some((each) => each.includes("can't be believed")));
      await server.kill();
      await server.start(false);
      await hunting.finished;
      await queues.close();
      expect(state().sequences).toBe(sequences);
      expect(state().edges).toBe(2);
      expect(new Set(features())).toEqual(new Set(await freshOfTheSeed()));
    });

    async function start() {
      const plan = await cannedPlan({ findingsDir: dir, seed: '7', budget: { sequences } });
      const tally = openHuntTally(() => performance.now());
      const hear = (event: CampaignEvent): void => tally.hear(event);
      const hunting = coordinate(plan, connection, hear, times);
      const features = (): string[] =>
        hunting.interesting.entries().flatMap(({ news }) => news.filter((each) => !isEdge(each)));
      return { hunting, state: tally.state, features };
    }

    /** What a hunt on one machine would run, in the words of canned lanes. */
    async function freshOfTheSeed(): Promise<string[]> {
      const { properties } = await cannedPlan({ findingsDir: dir, seed: '7', budget: {} });
      const plan = { seed: '7', programs: cannedPrograms, properties };
      return Array.from({ length: sequences }, (_, index) => {
        const { property, seed, program } = nextRun(index, plan, undefined, drawFrom('unused'));
        return `ran ${property} ${seed} ${program}`;
      });
    }

    /** A worker in this process: it starts sooner. */
    function serveHere(): void {
      const plan = { programs: cannedPrograms, lanes: 2, propertyFiles: propertyFiles(), tool: testTool };
      const open = () => cannedLane(canned);
      here.push(work({ ...plan, confinement: 'none' }, connection, () => {}, { open, times }));
    }

    function startWorker(): ReturnType<typeof spawn> {
      const script = join(import.meta.dirname, 'canned-worker.ts');
      const child = spawn(
        process.execPath,
        [script, server.url, '2', String(times.lockMs), JSON.stringify(canned)],
        {
          stdio: ['ignore', 'ignore', 'inherit'],
        },
      );
      children.push(child);
      return child;
    }
  },
);

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await pause(10);
}
