import { propertyFiles } from '../../src/campaign/properties.ts';
import { tool } from '../../src/cli/options.ts';
import { openConnection } from '../../src/lab/connection.ts';
import { parseQueueUrl } from '../../src/lab/queue-url.ts';
import { work } from '../../src/lab/work.ts';
import { resolveQemu } from '../../src/target/programs/binary.ts';

/** A worker's process of one lane whose locks lapse soon: `real-worker.ts URL LOCK_MS SPEC…`, daemons only. */
const [url = '', lockMs = '1000', ...specs] = process.argv.slice(2);
const targets = await Promise.all(specs.map(resolveQemu));
const worker = work(
  {
    programs: targets.map((target) => ({ target, flavour: 'daemon' as const, storage: ['file' as const] })),
    ...{ lanes: 1, propertyFiles: propertyFiles(), tool, confinement: 'none' },
  },
  await openConnection(parseQueueUrl(url)),
  () => {},
  { times: { lockMs: Number(lockMs), stalledCheckMs: Number(lockMs) / 2 } },
);
// Whoever started it may be killed by a deadline of its own.
process.once('disconnect', () => process.exit(0));
process.once('SIGTERM', () => void worker.stop().then(() => process.exit(0)));
await worker.finished;
