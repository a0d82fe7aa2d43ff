import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { serverStates } from '../../../src/sequence/step.ts';
import { limits } from '../../../src/target/limits.ts';
import type { QemuTarget } from '../../../src/target/programs/binary.ts';
import { nbd } from '../../../src/target/storage/nbd.ts';
import { daemon } from '../../../src/target/storage/nbd-servers/daemon.ts';
import { nbdkit } from '../../../src/target/storage/nbd-servers/nbdkit.ts';
import { qemuNbd } from '../../../src/target/storage/nbd-servers/qemu-nbd.ts';
import { type Driven, onEveryQemu, onOneQemu } from '../../real/qemus.ts';
import { temporaryDir } from '../temporary.ts';
import { throughQemu } from './through-qemu.ts';

const KiB = 1024;
const MiB = 1024 * KiB;
const servers = { 'qemu-nbd': qemuNbd, daemon, nbdkit };
const ioError = 'Input/output error';

onOneQemu((driven) => {
  if (driven.flavour === 'daemon') eachServer(driven.target, (server) => everyState(driven, server));
  else test.skip('its client is the same as in the daemon', () => {});
});
// Versions agree on other forms of messages: an error must be one in each.
onEveryQemu((driven) => eachServer(driven.target, (server) => serving(driven, server)));

type ServerName = 'qemu-nbd' | 'daemon' | 'nbdkit';

function eachServer(target: QemuTarget, body: (server: ServerName) => void): void {
  for (const [name, server] of Object.entries(servers)) {
    const found = server.usable(target);
    describe(name, () => {
      if (found.usable) body(name as ServerName);
      else test.skip(found.lacks, () => {});
    });
  }
}

function serving(driven: Driven, server: ServerName): void {
  test('what QEMU writes is in the image file when the server has stopped, and nothing else stays', async () => {
    const { served, guest, path, dir } = await disk(driven, server);
    expect(await guest.write(64 * KiB, 7)).toBe('ok');
    expect(await guest.read(64 * KiB)).toBe(7);
    await guest.quit();
    await served.stop();
    const expected = Buffer.alloc(MiB);
    expected.fill(7, 64 * KiB, 68 * KiB);
    expect(readFileSync(path).equals(expected)).toBe(true);
    expect(readdirSync(dir).filter((entry) => entry.startsWith('nbd'))).toEqual([]);
  });

  test.each([
    ['EIO', ioError],
    ['EPERM', 'Operation not permitted'],
    ['ENOSPC', 'No space left on device'],
  ] as const)('failing with %s, it answers writes with just that, and reads as ever', async (errno, text) => {
    const { served, guest } = await disk(driven, server);
    expect(await guest.write(0, 1)).toBe('ok');
    expect(await served.become('failing', errno)).toEqual({ outcome: 'armed' });
    expect(await guest.write(0, 2)).toBe(text);
    expect(await guest.zero(4 * KiB)).toBe(text);
    expect(await guest.read(0)).toBe(1);
    await served.become('well');
    expect(await guest.write(0, 3)).toBe('ok');
    expect(await guest.read(0)).toBe(3);
  });
}

function everyState(driven: Driven, server: ServerName): void {
  test('read-only, it permits no write, no zeroes and no discard', async () => {
    const { served, guest } = await disk(driven, server);
    await served.become('read-only');
    expect(await guest.write(0, 1)).toBe('Operation not permitted');
    expect(await guest.zero(0)).toBe('Operation not permitted');
    expect(await guest.discard(0)).toBe('Operation not permitted');
    await served.become('well');
    expect(await guest.write(0, 1)).toBe('ok');
  });

  test('full, it has no room for any write, but what is there can be read and discarded', async () => {
    const { served, guest } = await disk(driven, server);
    expect(await guest.write(0, 1)).toBe('ok');
    await served.become('full');
    expect(await guest.write(0, 2)).toBe('No space left on device');
    expect(await guest.write(512 * KiB, 2)).toBe('No space left on device');
    expect(await guest.read(0)).toBe(1);
    expect(await guest.discard(4 * KiB)).toBe('ok');
    await served.become('well');
    expect(await guest.write(0, 2)).toBe('ok');
  });

  test('killed, it fails writes at once, until it is well', async () => {
    const { served, guest } = await disk(driven, server);
    await served.become('killed');
    expect(await guest.write(0, 1)).toBe(ioError);
    expect(await guest.add({ ...served.node, 'node-name': 'second' })).toMatch(/No such file|refused/);
    await served.become('well');
    await expect.poll(() => guest.write(0, 2), { timeout: 10_000 }).toBe('ok');
    expect(await guest.read(0)).toBe(2);
  });

  test('with a reconnect delay, a write waits for a killed server and is carried out when it is back', async () => {
    const { served, guest } = await disk(driven, server, 30);
    await served.become('killed');
    const { write, isOver } = watched(guest.write(0, 1));
    await sleep(100);
    expect(isOver()).toBe(false);
    await served.become('well');
    expect(await write).toBe('ok');
    expect(await guest.read(0)).toBe(1);
  });

  test('suspended, it answers nothing, and then everything', async () => {
    const { served, guest } = await disk(driven, server);
    await served.become('suspended');
    const { write, isOver } = watched(guest.write(0, 1));
    await sleep(100);
    expect(isOver()).toBe(false);
    await served.become('well');
    expect(await write).toBe('ok');
  });

  test('cut, a write in flight fails without a reconnect delay, and with one it is sent again', async () => {
    const once = await disk(driven, server);
    await once.served.become('suspended');
    const lost = once.guest.write(0, 1);
    await sleep(50);
    await once.served.become('cut');
    expect(await lost).toBe(ioError);
    await expect.poll(() => once.guest.write(0, 2), { timeout: 10_000 }).toBe('ok');

    const again = await disk(driven, server, 30);
    await again.served.become('suspended');
    const resent = again.guest.write(0, 1);
    await sleep(50);
    await again.served.become('cut');
    expect(await resent).toBe('ok');
  });

  test('slow, it takes its time for each request', async () => {
    const { served, guest } = await disk(driven, server);
    await guest.write(0, 1);
    await served.become('slow');
    const begin = performance.now();
    for (let i = 0; i < 4; i++) expect(await guest.write(i * 128 * KiB, 2, 128 * KiB)).toBe('ok');
    expect(performance.now() - begin).toBeGreaterThan(3 * limits.slowServerDelayMs);
    await served.become('well');
    expect(await guest.write(0, 3)).toBe('ok');
  });

  test('removed, its export is gone, for those who have it and those who ask for it', async () => {
    const { served, guest } = await disk(driven, server);
    await served.become('removed');
    expect(await guest.write(0, 1)).toBe(ioError);
    expect(await guest.add({ ...served.node, 'node-name': 'second' })).toMatch(
      /not (available|found|present)/,
    );
    await served.become('well');
    await expect.poll(() => guest.write(0, 2), { timeout: 10_000 }).toBe('ok');
  });

  test('any state may follow any other, and well is well after each', async () => {
    const { served, guest } = await disk(driven, server, 30);
    for (const first of serverStates) {
      for (const second of serverStates) {
        await served.become(first);
        expect(await served.become(second)).toEqual({ outcome: 'armed' });
      }
      await served.become('well');
      expect(await guest.write(0, 1)).toBe('ok');
    }
  });
}

async function disk({ target, flavour }: Driven, server: ServerName, reconnectDelaySeconds?: number) {
  const dir = temporaryDir();
  const path = join(dir, 'disk.raw');
  writeFileSync(path, Buffer.alloc(MiB));
  const backend = await nbd.open({ dir, target, network: undefined });
  onTestFinished(() => backend.close());
  const reconnect = reconnectDelaySeconds === undefined ? {} : { reconnectDelaySeconds };
  const served = await backend.serve({
    name: 'disk',
    path,
    readOnly: false,
    options: { nbd: { server, ...reconnect } },
  });
  return { dir, path, served, guest: await throughQemu(target, served, { dir, flavour }) };
}

function watched(write: Promise<string>): { write: Promise<string>; isOver(): boolean } {
  let isOver = false;
  void write.then(() => {
    isOver = true;
  });
  return { write, isOver: () => isOver };
}
