import { setTimeout as pause } from 'node:timers/promises';
import { openConnection } from '../../src/lab/connection.ts';
import { beat } from '../../src/lab/heartbeat.ts';
import { keys } from '../../src/lab/keys.ts';
import { limits } from '../../src/lab/limits.ts';
import { readNews } from '../../src/lab/news.ts';
import { offerOf } from '../../src/lab/program-key.ts';
import { parseQueueUrl } from '../../src/lab/queue-url.ts';
import { cannedPrograms, testTool } from './canned-plan.ts';

/** Workers of eight lanes that say that they are there, hear the news and take nothing: `silent-workers.ts URL HOW_MANY`. */
const [url = '', many = '0'] = process.argv.slice(2);
const connection = await openConnection(parseQueueUrl(url));
const offers = await Promise.all(cannedPrograms.map(offerOf));
await Promise.all(Array.from({ length: Number(many) }, (_, i) => attend(i)));

async function attend(i: number): Promise<void> {
  await pause((i / Number(many)) * limits.heartbeatEveryMs);
  const lanes = Array.from({ length: 8 }, () => ({
    doing: 'hunting integrity on canned system',
    forMs: 100,
  }));
  const figures = { shards: 0, tasks: 0, sequences: 0, startedAt: 'now' };
  const tool = { ...testTool, protocol: limits.protocol };
  const who = { id: i.toString(16).padStart(16, '0'), host: `silent-${i}`, pid: i, confinement: 'none' };
  let since = '0';
  while (true) {
    await beat(connection, { ...who, tool, offers, lanes, ...figures });
    await connection.redis.get(keys(connection.prefix).campaign);
    ({ since } = await readNews(connection, since));
    await pause(limits.heartbeatEveryMs);
  }
}
