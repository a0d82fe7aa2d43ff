import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, onTestFinished, test } from 'vitest';
import { confinement } from '../../../src/target/confine/confinement.ts';
import { type Network, networkUsable, openNetwork } from '../../../src/target/confine/network.ts';
import { startSession } from '../../../src/target/process/session.ts';
import { onOneQemu } from '../../real/qemus.ts';
import { temporaryDir } from '../temporary.ts';

const usable = await networkUsable();

describe.skipIf(!usable.usable)(usable.usable ? 'a network' : `a network: ${usable.lacks}`, () => {
  test('servers and clients inside of it meet, also where each has the address of another network', async () => {
    for (const network of [await opened(), await opened()]) {
      const server = inside(network, serverScript);
      await once(server.stdout!, 'data');
      for (const host of ['127.0.0.1', '192.0.2.1']) {
        const { stdout } = await inside(network, clientScript(3260, host));
        expect(stdout).toBe('connected');
      }
      server.kill('SIGKILL');
      await server;
    }
  });

  test('nobody in it reaches this machine’s servers', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const { stdout } = await inside(await opened(), clientScript(port, '127.0.0.1'));
    expect(stdout).toBe('ECONNREFUSED');
  });

  test('a command enters it under the pid that it was started with', async () => {
    const child = inside(await opened(), 'console.log(process.pid)');
    expect((await child).stdout).toBe(String(child.pid));
  });

  test('it is gone when it is closed', async () => {
    const network = await openNetwork();
    const space = await spaceOf(network);
    expect(membersOf(space)).not.toEqual([]);
    await network.close();
    expect(membersOf(space)).toEqual([]);
  });

  test('it is gone when this process is killed, and QEMU in it, too', async () => {
    const dir = temporaryDir();
    const owner = killable(dir);
    const [told] = await once(owner.stdout, 'data');
    const { space, qemuPid } = JSON.parse(String(told));
    expect(membersOf(space)).not.toEqual([]);
    expect(commandOf(qemuPid)).toContain('qemu');
    owner.kill('SIGKILL');
    await expect.poll(() => membersOf(space), { timeout: 10_000 }).toEqual([]);
    // A process that ends leaves the network before it leaves /proc.
    await expect.poll(() => existsSync(`/proc/${qemuPid}`), { timeout: 10_000 }).toBe(false);
  });

  onOneQemu((driven) => {
    test('QEMU runs in it as confined as ever, and is stopped and killed by its own pid', async () => {
      const network = await opened();
      const session = await startSession({ ...driven, dir: temporaryDir(), network });
      onTestFinished(async () => {
        session.kill();
        await session.exit;
      });
      const pid = session.pid() as number;
      expect(commandOf(pid)).toContain('qemu');
      expect(readlinkSync(`/proc/${pid}/ns/net`)).toBe(await spaceOf(network));
      if (confinement() === 'bubblewrap')
        expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(/^CapEff:\t0+$/m);

      session.signal('SIGSTOP');
      await expect.poll(() => readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(/^State:\tT/m);
      session.signal('SIGCONT');
      session.signal('SIGKILL');
      await session.exit;
      expect(session.pid()).toBeUndefined();
    });
  });
});

async function opened(): Promise<Network> {
  const network = await openNetwork();
  onTestFinished(() => network.close());
  return network;
}

/** A script of Node's. */
function inside(network: Network, script: string) {
  const [file, ...args] = network.enter([process.execPath, '--eval', script]);
  return execa(file as string, args, { reject: false });
}

const serverScript = `require('net').createServer().listen(3260, () => console.log('listening'))`;

function clientScript(port: number, host: string): string {
  return `const socket = require('net').connect(${port}, '${host}');
    socket.on('connect', () => { console.log('connected'); socket.destroy(); });
    socket.on('error', (error) => console.log(error.code));`;
}

/** What the kernel calls it. */
async function spaceOf(network: Network): Promise<string> {
  return (await inside(network, `console.log(require('fs').readlinkSync('/proc/self/ns/net'))`)).stdout;
}

function membersOf(space: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return readlinkSync(`/proc/${pid}/ns/net`) === space;
    } catch {
      return false;
    }
  });
}

function commandOf(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[0] as string;
}

/** A process of its own with a network and a QEMU in it. */
function killable(dir: string) {
  const src = join(import.meta.dirname, '../../../src');
  const script = `
    import { readlinkSync } from 'node:fs';
    import { resolveQemu } from '${src}/target/programs/binary.ts';
    import { openNetwork } from '${src}/target/confine/network.ts';
    import { startSession } from '${src}/target/process/session.ts';
    const network = await openNetwork();
    const target = await resolveQemu();
    const session = await startSession({ target, flavour: 'system', dir: process.argv[1], network });
    const qemuPid = session.pid();
    console.log(JSON.stringify({ qemuPid, space: readlinkSync('/proc/' + qemuPid + '/ns/net') }));
    setInterval(() => {}, 1000);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script, dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}
