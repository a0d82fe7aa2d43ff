import { join } from 'node:path';
import { expect, test } from 'vitest';
import { launch } from '../../../src/target/storage/launch.ts';
import { temporaryDir } from '../temporary.ts';

const listens = 'require("node:net").createServer().listen(process.argv[1])';

test('a server that forks ends with its fork, which would hold its stderr open', async () => {
  const socket = join(temporaryDir(), 'server.sock');
  const script = 'sleep 60 & exec "$0" -e "$1" "$2"';
  const argv = ['sh', '-c', script, process.execPath, listens, socket];
  const server = await launch({ argv, env: {} }, socket);
  expect(server.isGone()).toBe(false);
  server.kill();
  await server.exit;
  expect(server.isGone()).toBe(true);
});
