import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type ServerState, serverStates } from '../../../src/sequence/step.ts';
import { openNetwork } from '../../../src/target/confine/network.ts';
import { iscsi } from '../../../src/target/storage/iscsi.ts';
import { type Driven, onEveryQemu, oneQemu, onOneQemu } from '../../real/qemus.ts';
import { temporaryDir } from '../temporary.ts';
import { serveAndBeKilled } from './left-alone.ts';
import { throughQemu } from './through-qemu.ts';
import { usableHere } from './usable-here.ts';

const KiB = 1024;
const MiB = 1024 * KiB;
const ioError = 'Input/output error';
const armed = { outcome: 'armed' };

const found = await usableHere('iscsi', oneQemu());

describe.skipIf(!found.usable)(found.usable ? 'iSCSI' : `iSCSI: ${found.lacks}`, () => {
  onEveryQemu(serving);
  onOneQemu((driven) => {
    if (driven.flavour === 'daemon') everyState(driven);
    else test.skip('its client is the same as in the daemon', () => {});
  });
  leavingNothing();
});

function serving(driven: Driven): void {
  test('what QEMU writes is in the image file when its server has let go of it', async () => {
    const { backend, served, path, guest } = await disk(driven);
    expect(await guest.write(64 * KiB, 7)).toBe('ok');
    expect(await guest.write(128 * KiB, 8)).toBe('ok');
    expect(await guest.zero(128 * KiB)).toBe('ok');
    expect(await guest.read(64 * KiB)).toBe(7);
    await guest.quit();
    await served.stop();
    const expected = Buffer.alloc(MiB);
    expected.fill(7, 64 * KiB, 68 * KiB);
    expect(readFileSync(path).equals(expected)).toBe(true);

    const next = await backend.serve({ name: 'next', path, readOnly: false, options: 'iscsi' });
    expect(next.node).toEqual(served.node);
    await served.stop();
    expect(await next.become('failing')).toEqual(armed);
  });

  test('failing, it answers writes with EIO, and reads as ever', async () => {
    const { served, guest } = await disk(driven);
    expect(await guest.write(0, 1)).toBe('ok');
    expect(await served.become('failing')).toEqual(armed);
    expect(await guest.write(0, 2)).toBe(ioError);
    expect(await guest.read(0)).toBe(1);
    await served.become('well');
    expect(await guest.write(0, 3)).toBe('ok');
    expect(await guest.read(0)).toBe(3);
  });
}

function everyState(driven: Driven): void {
  test('read-only, it takes no write and no zeroes, and no QEMU can open it for writing', async () => {
    const { served, guest } = await disk(driven);
    await guest.write(0, 1);
    await served.become('read-only');
    // EACCES, for which the guest's NBD has no word.
    expect(await guest.write(0, 2)).toBe('Invalid argument');
    expect(await guest.zero(0)).toBe('Invalid argument');
    expect(await guest.read(0)).toBe(1);
    expect(await guest.add({ ...served.node, 'node-name': 'second' })).toMatch(/write.protected/);
    await served.become('well');
    expect(await guest.write(0, 2)).toBe('ok');
  });

  test('removed, its unit is gone, for those who have it and those who ask for it', async () => {
    const { served, guest } = await disk(driven);
    await served.become('removed');
    expect(await guest.write(0, 1)).toBe('Operation not supported');
    expect(await guest.read(0)).toBe('Operation not supported');
    expect(await guest.add({ ...served.node, 'node-name': 'second' })).toMatch(/LOGICAL_UNIT_NOT_SUPPORTED/);
    await served.become('well');
    expect(await guest.write(0, 2)).toBe('ok');
    expect(await guest.read(0)).toBe(2);
  });

  test.each(['killed', 'suspended'] as const)(
    '%s, it is waited for, while the server of another disk serves; then writes are carried out',
    async (state) => {
      const { backend, dir, served, guest } = await disk(driven);
      const path = image(dir, 'other');
      const other = await backend.serve({ name: 'other', path, readOnly: false, options: 'iscsi' });
      await served.become(state);
      const { write, isOver } = watched(guest.write(0, 1));
      await sleep(300);
      expect(isOver()).toBe(false);
      expect(await guest.add({ ...other.node, 'node-name': 'second' })).toBeUndefined();
      await served.become('well');
      expect(await write).toBe('ok');
      expect(await guest.read(0)).toBe(1);
    },
  );

  test('cut, it is connected to again, and what was in flight is carried out', async () => {
    const { served, guest } = await disk(driven);
    const writes = [...Array(64).keys()].map((i) => guest.write(i * 4 * KiB, 1 + i));
    await served.become('cut');
    expect(await Promise.all(writes)).toEqual(Array(64).fill('ok'));
    expect(await guest.read(63 * 4 * KiB)).toBe(64);
  });

  test.each([
    ['slow', undefined, 'no way of being slow'],
    ['full', undefined, 'a medium error'],
    ['failing', 'ENOSPC', 'never ENOSPC'],
    ['failing', 'EPERM', 'never EPERM'],
  ] as const)('%s %s is refused, and nothing is the matter', async (state, errno, text) => {
    const { served, guest } = await disk(driven);
    expect(await served.become(state, errno)).toEqual({
      outcome: 'refused',
      text: expect.stringContaining(text),
    });
    expect(await guest.write(0, 1)).toBe('ok');
  });

  test('any state may follow any other, and well is well after all', { timeout: 60_000 }, async () => {
    const { served, guest } = await disk(driven);
    const possible = serverStates.filter((state) => state !== 'slow' && state !== 'full');
    for (const first of possible) {
      for (const second of possible) {
        expect(await served.become(first)).toEqual(armed);
        expect(await served.become(second)).toEqual(armed);
      }
    }
    await served.become('well');
    expect(await guest.write(0, 1)).toBe('ok');
  });

  test.each(['killed', 'suspended', 'removed', 'failing', 'read-only'] satisfies ServerState[])(
    'stopped while it is %s, its server is well for the next image',
    async (state) => {
      const { backend, dir, served, guest, network } = await disk(driven);
      await guest.quit();
      await served.become(state);
      await served.stop();
      expect(await served.become('well')).toHaveProperty('outcome', 'refused');

      const path = image(dir, 'next');
      const next = await backend.serve({ name: 'next', path, readOnly: false, options: 'iscsi' });
      expect(next.node).toEqual(served.node);
      const later = await throughQemu(driven.target, next, { dir: temporaryDir(), ...driven, network });
      expect(await later.write(0, 1)).toBe('ok');
    },
  );

  test('a read-only image is a write-protected unit', async () => {
    const { backend, dir, guest } = await disk(driven);
    const path = image(dir, 'base');
    const { node } = await backend.serve({ name: 'base', path, readOnly: true, options: 'iscsi' });
    expect(await guest.add({ ...node, 'node-name': 'base' })).toMatch(/write.protected/);
    expect(await guest.add({ ...node, 'node-name': 'base', 'read-only': true })).toBeUndefined();
  });

  test('a qcow2 image has room to grow', async () => {
    const { backend, dir } = await disk(driven);
    const path = join(dir, 'small.qcow2');
    writeFileSync(path, Buffer.alloc(196_616));
    await backend.serve({ name: 'small', path, readOnly: false, options: { iscsi: { timeoutSeconds: 3 } } });
    expect(statSync(path).size).toBeGreaterThan(MiB);
  });

  test('two sessions have the same address, each in its own network', async () => {
    const [one, other] = [await disk(driven), await disk(driven)];
    expect(one.served.url).toBe(other.served.url);
    await one.guest.write(0, 1);
    await other.guest.write(0, 2);
    expect(await one.guest.read(0)).toBe(1);
  });
}

function leavingNothing(): void {
  test('no server is left when the session is closed', async () => {
    const driven = { target: oneQemu()!, flavour: 'daemon' } as const;
    const { backend, dir } = await disk(driven);
    expect(serversBelow(dir)).not.toEqual([]);
    await backend.close();
    expect(serversBelow(dir)).toEqual([]);
  });

  test('no server is left when this process is killed', async () => {
    const dir = temporaryDir();
    await serveAndBeKilled({ path: image(dir, 'disk'), options: 'iscsi' }, dir);
    expect(readdirSync(dir)).toContain('tgt0.0');
    await expect.poll(() => serversBelow(dir), { timeout: 10_000 }).toEqual([]);
  });
}

async function disk(driven: Driven) {
  const dir = temporaryDir();
  const path = image(dir, 'disk');
  const network = await openNetwork();
  onTestFinished(() => network.close());
  const backend = await iscsi.open({ dir, target: driven.target, network });
  onTestFinished(() => backend.close());
  const served = await backend.serve({ name: 'disk', path, readOnly: false, options: 'iscsi' });
  const guest = await throughQemu(driven.target, served, { dir, flavour: driven.flavour, network });
  return { dir, path, backend, served, guest, network };
}

function image(dir: string, name: string): string {
  const path = join(dir, `${name}.raw`);
  writeFileSync(path, Buffer.alloc(MiB));
  return path;
}

/** Processes that were told to have their socket there. */
function serversBelow(dir: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`TGT_IPC_SOCKET=${dir}`);
    } catch {
      return false;
    }
  });
}

function watched(write: Promise<string>): { write: Promise<string>; isOver(): boolean } {
  let isOver = false;
  void write.then(() => {
    isOver = true;
  });
  return { write, isOver: () => isOver };
}
