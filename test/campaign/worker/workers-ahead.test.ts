import { expect, test } from 'vitest';
import type { FromWorker } from '../../../src/campaign/worker/worker-messages.ts';
import type { WorkerProcess } from '../../../src/campaign/worker/worker-process.ts';
import { startAhead } from '../../../src/campaign/worker/workers-ahead.ts';

test('who takes a worker that was started ahead hears it; one that nobody took is stopped', async () => {
  const ahead = startAhead(1);
  const { worker, heard } = take(ahead.start);
  const later = take(ahead.start);
  expect(await heard).toMatchObject({ kind: 'failed', message: expect.stringContaining('/no/such') });
  expect(await later.heard).toMatchObject({ kind: 'failed' });
  await Promise.all([worker.stop(), later.worker.stop(), ahead.stop()]);

  const left = startAhead(1);
  await left.stop();
  const { worker: anew, heard: afresh } = take(left.start);
  expect(await afresh).toMatchObject({ kind: 'failed' });
  await anew.stop();
  expect(await anew.exited).toBe('exit code 0');
});

/** Takes a worker, and gives it a plan that fails. */
function take(start: (hear: (message: FromWorker) => void) => WorkerProcess) {
  const { promise: heard, resolve } = Promise.withResolvers<FromWorker>();
  const worker = start(resolve);
  const tool = { name: 'mirrorfuzz', version: '0' };
  worker.send({
    kind: 'plan',
    programs: [],
    propertyFiles: ['/no/such/property.ts'],
    tool,
    isolated: worker.isolated,
  });
  return { worker, heard };
}
