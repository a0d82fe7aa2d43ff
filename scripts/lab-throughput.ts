import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openConnection } from '../src/lab/connection.ts';
import { coordinate } from '../src/lab/coordinate.ts';
import { limits } from '../src/lab/limits.ts';
import { parseQueueUrl } from '../src/lab/queue-url.ts';
import { openHuntTally } from '../src/report/hunt-tally.ts';
import { cannedPlan } from '../test/lab/canned-plan.ts';
import { startRedis } from '../test/lab/redis-server.ts';

/**
 * What the queue itself costs: a coordinator in this process, a worker in another whose lanes answer at once, without
 * QEMU, and a Redis of their own. `lab-throughput.ts [SHARDS] [LANES] [SEQUENCES_A_SHARD] [NAMES] [SILENT]` prints shards
 * a second, CPU of each of the three for a shard, memory, and the commands that Redis got for a shard. NAMES: of how many
 * triples the coverage of shards is (a real one has hundreds). SILENT: so many workers more, of eight lanes, that say
 * that they are there and hear the news, and take nothing.
 */
const [wanted = '5000', lanes = '32', sequences = '10', names = '1', silent = '0'] = process.argv.slice(2);
const server = await startRedis();
const dir = mkdtempSync(join(tmpdir(), 'mf-lab-'));
const connection = await openConnection(parseQueueUrl(server.url));
const script = join(import.meta.dirname, '..', 'test', 'lab', 'canned-worker.ts');
const canned = JSON.stringify({ features: false, ...(names === '1' ? {} : { names: Number(names) }) });
const worker = spawn(process.execPath, [script, server.url, lanes, String(limits.lockMs), canned], {
  stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
});
const silentWorkers = spawn(process.execPath, [
  join(import.meta.dirname, '..', 'test', 'lab', 'silent-workers.ts'),
  ...[server.url, silent],
]);
let shards = 0;
const tally = openHuntTally(() => performance.now());
const plan = await cannedPlan({ findingsDir: dir, seed: '7', budget: { timeMs: 3_600_000 } });
const { promise: enough, resolve } = Promise.withResolvers<void>();
const hunting = coordinate(
  plan,
  connection,
  (event) => {
    tally.hear(event);
    if (event.kind !== 'runs') return;
    if (shards++ === 0) begun = now();
    if (shards === Number(wanted)) resolve();
  },
  { ...limits, shardSequencesMax: Number(sequences) },
);
const redisPid = Number(figure(await connection.redis.info('server'), 'process_id'));
const now = () => ({
  ms: performance.now(),
  coordinator: cpuMs(process.pid),
  worker: cpuMs(worker.pid ?? 0),
  redis: cpuMs(redisPid),
});
let begun = now();
const timer = setInterval(() => void show(), 10_000);
await enough;
await show();
clearInterval(timer);
await hunting.kill();
worker.kill('SIGKILL');
silentWorkers.kill('SIGKILL');
connection.close();
await server.close();
rmSync(dir, { recursive: true, force: true });

async function show(): Promise<void> {
  const [memory, stats] = [await connection.redis.info('memory'), await connection.redis.info('stats')];
  const at = now();
  const perShard = (of: 'coordinator' | 'worker' | 'redis'): string =>
    `${of} ${(((at[of] - begun[of]) * 1000) / Math.max(1, shards)).toFixed(0)}`;
  const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);
  process.stdout.write(
    `${((at.ms - begun.ms) / 1000).toFixed(0)} s: ${shards} shards, ${(shards / ((at.ms - begun.ms) / 1000)).toFixed(0)}/s, ` +
      `${tally.state().sequences} sequences; µs of CPU a shard: ${perShard('coordinator')}, ${perShard('worker')}, ${perShard('redis')}; ` +
      `coordinator ${mebibytes(process.memoryUsage().rss)} MiB, heap ${mebibytes(process.memoryUsage().heapUsed)}; ` +
      `Redis ${mebibytes(figure(memory, 'used_memory'))} MiB, ` +
      `${(figure(stats, 'total_commands_processed') / Math.max(1, shards)).toFixed(1)} commands a shard; ` +
      `load ${readFileSync('/proc/loadavg', 'utf8').split(' ')[0]}\n`,
  );
}

/** Of a process with all its threads; the kernel counts in hundredths of a second. */
function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function figure(text: string, name: string): number {
  return Number(new RegExp(`\\b${name}:(\\d+)`).exec(text)?.[1]);
}
