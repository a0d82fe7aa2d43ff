import { propertyFiles } from '../../src/campaign/properties.ts';
import { openConnection } from '../../src/lab/connection.ts';
import { parseQueueUrl } from '../../src/lab/queue-url.ts';
import { work } from '../../src/lab/work.ts';
import { cannedLane } from './canned-lane.ts';
import { cannedPrograms, testTool } from './canned-plan.ts';

/** A worker's process without QEMU: `canned-worker.ts URL LANES LOCK_MS CANNED_JSON`. */
const [url = '', lanes = '1', lockMs = '1000', canned = '{}'] = process.argv.slice(2);
const connection = await openConnection(parseQueueUrl(url));
const worker = work(
  {
    ...{ programs: cannedPrograms, lanes: Number(lanes), propertyFiles: propertyFiles() },
    ...{ tool: testTool, confinement: 'none' },
  },
  connection,
  () => {},
  {
    open: () => cannedLane({ msEach: 0, ...JSON.parse(canned) }),
    times: { lockMs: Number(lockMs), stalledCheckMs: Number(lockMs) / 2 },
  },
);
// Whoever started it may be killed by a deadline of its own.
process.once('disconnect', () => process.exit(0));
process.once('SIGTERM', () => void worker.stop().then(() => process.exit(0)));
await worker.finished;
