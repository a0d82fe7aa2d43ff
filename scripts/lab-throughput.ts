import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { propertyFiles } from '../src/campaign/properties.ts';
import { openConnection } from '../src/lab/connection.ts';
import { coordinate } from '../src/lab/coordinate.ts';
import { parseQueueUrl } from '../src/lab/queue-url.ts';
import { work } from '../src/lab/work.ts';
import { openHuntTally } from '../src/report/hunt-tally.ts';
import { cannedLane } from '../test/lab/canned-lane.ts';
import { cannedPlan, cannedPrograms, testTool } from '../test/lab/canned-plan.ts';
import { startRedis } from '../test/lab/redis-server.ts';

/**
 * What the queue itself costs: a coordinator and lanes without QEMU that answer at once, with a Redis of their own.
 * `lab-throughput.ts [SECONDS] [LANES]` prints shards and sequences a second, CPU of this process, its memory and Redis's,
 * and the commands Redis got for each shard.
 */
const [seconds = '20', lanes = '8'] = process.argv.slice(2);
const server = await startRedis();
const dir = mkdtempSync(join(tmpdir(), 'mf-lab-'));
const [mine, theirs] = await Promise.all([
  openConnection(parseQueueUrl(server.url)),
  openConnection(parseQueueUrl(server.url)),
]);
const worker = work(
  {
    ...{ programs: cannedPrograms, lanes: Number(lanes), propertyFiles: propertyFiles() },
    ...{ tool: testTool, confinement: 'none' },
  },
  theirs,
  () => {},
  { open: () => cannedLane({ msEach: 0, features: false }) },
);
let shards = 0;
const tally = openHuntTally(() => performance.now());
const plan = await cannedPlan({ findingsDir: dir, seed: '7', budget: { timeMs: Number(seconds) * 1000 } });
const hunting = coordinate(plan, mine, (event) => {
  tally.hear(event);
  if (event.kind === 'runs') shards++;
});
const begun = { ms: performance.now(), cpu: process.cpuUsage() };
const timer = setInterval(() => void show(), 5_000);
await hunting.finished;
clearInterval(timer);
await worker.stop();
mine.close();
theirs.close();
await server.close();
rmSync(dir, { recursive: true, force: true });

async function show(): Promise<void> {
  const [info, stats] = await Promise.all([mine.redis.info('memory'), mine.redis.info('stats')]);
  const elapsed = (performance.now() - begun.ms) / 1000;
  const { user, system } = process.cpuUsage(begun.cpu);
  const figure = (text: string, name: string): number => Number(new RegExp(`${name}:(\\d+)`).exec(text)?.[1]);
  const load = execFileSync('cut', ['-d ', '-f1', '/proc/loadavg']).toString().trim();
  process.stdout.write(
    `${elapsed.toFixed(0)} s: ${shards} shards, ${(shards / elapsed).toFixed(0)}/s, ${tally.state().sequences} sequences; ` +
      `coordinator and lanes ${((user + system) / Math.max(1, shards)).toFixed(0)} µs of CPU a shard, ` +
      `${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MiB; Redis ${(figure(info, 'used_memory') / 2 ** 20).toFixed(1)} MiB, ` +
      `${(figure(stats, 'total_commands_processed') / Math.max(1, shards)).toFixed(1)} commands a shard; load ${load}\n`,
  );
}
