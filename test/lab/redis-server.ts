import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { findExecutable } from '../../src/target/programs/executable.ts';

/** A Redis or Valkey of a test's own, on a unix socket in a directory of its own. */
export type RedisServer = {
  url: string;
  /** SIGKILL; what it has written to disk stays. */
  kill(): Promise<void>;
  /** `withData`: from what is on disk. */
  start(withData?: boolean): Promise<void>;
  close(): Promise<void>;
};

const program = findExecutable('redis-server') ?? findExecutable('valkey-server');

/** Why tests that need one are skipped; undefined where there is one. */
export const lackOfRedis = program ? undefined : 'neither redis-server nor valkey-server is installed';

/** `options`: further ones of redis-server. */
export async function startRedis(password?: string, options: string[] = []): Promise<RedisServer> {
  const dir = mkdtempSync(join(tmpdir(), 'mf-redis-'));
  const socket = join(dir, 's');
  let child: ChildProcess | undefined;
  await start();
  const secret = password === undefined ? '' : `:${password}@localhost`;
  return { url: `unix://${secret}${socket}`, kill, start, close };

  async function start(withData = true): Promise<void> {
    if (!withData) rmSync(join(dir, 'appendonlydir'), { recursive: true, force: true });
    // A killed server has written all that it answered; only a power failure would ask for more.
    const disk = ['--dir', dir, '--save', '', '--appendonly', 'yes', '--appendfsync', 'no'];
    const net = ['--port', '0', '--unixsocket', socket, ...(password ? ['--requirepass', password] : [])];
    child = spawn(program as string, [...disk, ...net, ...options], { stdio: 'ignore' });
    while (!existsSync(socket)) await pause(10);
  }

  async function kill(): Promise<void> {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child?.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
    rmSync(socket, { force: true });
  }

  async function close(): Promise<void> {
    await kill();
    rmSync(dir, { recursive: true, force: true });
  }
}
