import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openConnection } from '../../src/lab/connection.ts';
import { coordinate } from '../../src/lab/coordinate.ts';
import { parseQueueUrl } from '../../src/lab/queue-url.ts';
import { openHuntTally } from '../../src/report/hunt-tally.ts';
import { findExecutable } from '../../src/target/programs/executable.ts';
import { cannedPlan } from './canned-plan.ts';
import { lackOfRedis, type RedisServer, startRedis } from './redis-server.ts';

const lack = lackOfRedis ?? (findExecutable('openssl') ? undefined : 'openssl is not installed');

describe.skipIf(lack)(`a Redis with a password and TLS${lack ? ` (skipped: ${lack})` : ''}`, () => {
  const secret = 'geheim';
  let dir: string;
  let server: RedisServer;
  let port: number;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'mf-tls-'));
    const [key, certificate] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
    const subject = ['-subj', '/CN=lab', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
    const fresh = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    execFileSync('openssl', [...fresh, '-keyout', key, '-out', certificate, ...subject], { stdio: 'pipe' });
    port = await freePort();
    const files = ['--tls-cert-file', certificate, '--tls-key-file', key];
    const tls = ['--tls-port', String(port), '--bind', '127.0.0.1', '--tls-auth-clients', 'no', ...files];
    server = await startRedis(secret, tls);
  });
  afterAll(async () => {
    await server?.close();
    rmSync(dir, { recursive: true, force: true });
  });

  test('serves a campaign under a prefix of its own, to a worker that trusts its certificate', async () => {
    const script = join(import.meta.dirname, 'canned-worker.ts');
    const worker = spawn(
      process.execPath,
      [script, `rediss://localhost:${port}?prefix=night`, '1', '1000', '{}'],
      {
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
        env: {
          ...process.env,
          ...{ NODE_EXTRA_CA_CERTS: join(dir, 'cert.pem'), MIRRORFUZZ_QUEUE_PASSWORD: secret },
        },
      },
    );
    const connection = await openConnection(parseQueueUrl(`${server.url}?prefix=night`));
    const tally = openHuntTally(() => 0);
    const plan = await cannedPlan({ findingsDir: dir, seed: '7', budget: { sequences: 40 } });
    await coordinate(plan, connection, tally.hear).finished;
    expect(tally.state().sequences).toBe(40);
    const names = await connection.redis.keys('*');
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => !name.startsWith('night:'))).toEqual([]);
    connection.close();
    worker.kill('SIGKILL');
  });

  test.each([
    ['whose certificate nobody vouches for', () => `rediss://:${secret}@localhost:${port}`, /self.signed/],
    ['that wants a password and gets none', () => server.url.replace(/:\w+@localhost/, ''), /NOAUTH/],
    ['that wants another password', () => server.url.replace(secret, 'falsch'), /WRONGPASS/],
    ['that speaks TLS, asked without', () => `redis://:${secret}@localhost:${port}`, /no Redis at redis/],
  ])('one %s is refused in one line without the password', async (_, url, why) => {
    const error = await openConnection(parseQueueUrl(url())).then(
      () => undefined,
      (reason: Error) => reason,
    );
    expect(error?.message).toMatch(why);
    expect(error?.message).not.toMatch(/geheim|falsch|\n/);
  });
});

async function freePort(): Promise<number> {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const { port } = taken.address() as { port: number };
  await new Promise((resolve) => taken.close(resolve));
  return port;
}
