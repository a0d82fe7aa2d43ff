import { expect, onTestFinished, test, vi } from 'vitest';
import { startWorker } from '../../../src/campaign/worker/worker-process.ts';

test('a worker that can’t be started counts as dead: it says why, and stopping it ends', async () => {
  const { execPath } = process;
  vi.stubEnv('PATH', '/nowhere'); // no sandbox that would start and then fail
  process.execPath = '/no/such/node';
  onTestFinished(() => {
    process.execPath = execPath;
    vi.unstubAllEnvs();
  });
  const worker = startWorker(() => {});
  worker.send({ kind: 'masks', masks: [] });
  expect(await worker.exited).toMatch(/^can't be started: .*ENOENT/);
  await worker.stop();
});
