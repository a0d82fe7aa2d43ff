import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { ServerState } from '../../../src/sequence/step.ts';
import type { QemuTarget } from '../../../src/target/programs/binary.ts';
import { block } from '../../../src/target/storage/block.ts';
import { onEveryQemu, oneQemu } from '../../real/qemus.ts';
import { temporaryDir } from '../temporary.ts';
import { serveAndBeKilled } from './left-alone.ts';
import { throughQemu } from './through-qemu.ts';
import { usableHere } from './usable-here.ts';

const KiB = 1024;
const MiB = 1024 * KiB;
const found = await usableHere('block', oneQemu());

if (found.usable) {
  onEveryQemu(({ target, flavour }) => onQemu(target, flavour));
  describe('loop devices', ofOneSession);
} else test.skip(`block: ${found.lacks}`, () => {});

function onQemu(target: QemuTarget, flavour: 'system' | 'daemon'): void {
  test('what QEMU writes to the device is in the image file when the disk is let go', async () => {
    const { served, guest, path } = await disk();
    expect(await guest.write(64 * KiB, 7)).toBe('ok');
    expect(await guest.read(64 * KiB)).toBe(7);
    await guest.quit();
    await served.stop();
    const expected = Buffer.alloc(MiB, 1);
    expected.fill(7, 64 * KiB, 68 * KiB);
    expect(readFileSync(path).equals(expected)).toBe(true);
  });

  test('read-only, it permits no write, no zeroes and no discard; well, it does', async () => {
    const { served, guest } = await disk();
    expect(await served.become('read-only')).toEqual({ outcome: 'armed' });
    expect(await guest.write(0, 2)).toBe('Operation not permitted');
    expect(await guest.zero(0)).toBe('Operation not permitted');
    expect(await guest.read(0)).toBe(1);
    await served.become('well');
    expect(await guest.write(0, 2)).toBe('ok');
    expect(await guest.read(0)).toBe(2);
  });

  async function disk() {
    const session = await open(target);
    const path = imageIn(session.dir, 'disk', 1);
    const served = await session.backend.serve({ name: 'disk', path, readOnly: false, options: 'block' });
    const guest = await throughQemu(target, served, { ...session, flavour });
    return { path, served, guest };
  }
}

function ofOneSession(): void {
  test.each([
    ['killed', 'a loop device has no server: the kernel serves it'],
    ['suspended', 'a loop device has no server: the kernel serves it'],
    ['cut', 'a loop device has no server: the kernel serves it'],
    ['slow', 'a loop device has no server: the kernel serves it'],
    ['failing', 'a loop device fails only where the file below it does'],
    ['full', 'a loop device gets smaller only by losing what lies beyond its new end'],
    ['removed', 'the kernel removes no loop device that is open'],
  ] satisfies [ServerState, string][])('%s is refused: %s', async (state, text) => {
    const { backend, dir } = await open();
    const image = { name: 'disk', path: imageIn(dir, 'disk', 1), readOnly: false, options: 'block' as const };
    const served = await backend.serve(image);
    expect(await served.become(state)).toEqual({ outcome: 'refused', text });
  });

  test('a device serves one image after the other, and shows nothing of those before', async () => {
    const { backend, dir, devices } = await open();
    for (const byte of [1, 2, 3, 4]) {
      const path = imageIn(dir, 'disk', byte, byte * 4 * KiB);
      const served = await backend.serve({ name: 'disk', path, readOnly: false, options: 'block' });
      const device = readFileSync(devices[0] as string);
      expect(device.equals(Buffer.alloc(byte * 4 * KiB, byte))).toBe(true);
      await served.stop();
      rmSync(path);
    }
  });

  test('an image that is served again is what it was', async () => {
    const { backend, dir } = await open();
    const image = { name: 'disk', path: imageIn(dir, 'disk', 5), readOnly: false, options: 'block' as const };
    const first = await backend.serve(image);
    await first.stop();
    const again = await backend.serve(image);
    expect(again.url).toBe(first.url);
    expect(readFileSync(again.url).equals(Buffer.alloc(MiB, 5))).toBe(true);
  });

  test('more disks than a session has devices are refused', async () => {
    const { backend, dir } = await open();
    const serve = (name: string) =>
      backend.serve({ name, path: imageIn(dir, name, 1), readOnly: false, options: 'block' });
    await serve('a');
    await serve('b');
    await expect(serve('c')).rejects.toThrow('disk c: a session has 2 loop devices, and others have them');
  });

  test('a raw disk that is no whole number of sectors is refused', async () => {
    const { backend, dir } = await open();
    const path = imageIn(dir, 'disk', 1, 1000);
    await expect(backend.serve({ name: 'disk', path, readOnly: false, options: 'block' })).rejects.toThrow(
      "a raw disk of 1000 bytes can't be served",
    );
  });

  test('no device is left when the session is closed', async () => {
    const { backend, dir } = await open();
    expect(loopsBelow(dir)).toHaveLength(2);
    await backend.close();
    await expect.poll(() => loopsBelow(dir)).toEqual([]);
  });

  test('no device is left when this process is killed', async () => {
    const dir = temporaryDir();
    await serveAndBeKilled({ path: imageIn(dir, 'disk', 1), options: 'block' }, dir);
    await expect.poll(() => loopsBelow(dir)).toEqual([]);
  });
}

async function open(target = oneQemu() as QemuTarget) {
  const dir = temporaryDir();
  const backend = await block.open({ dir, target, network: undefined });
  onTestFinished(() => backend.close());
  return { backend, dir, devices: backend.devices };
}

function imageIn(dir: string, name: string, byte: number, lengthBytes = MiB): string {
  const path = join(dir, `${name}.raw`);
  writeFileSync(path, Buffer.alloc(lengthBytes, byte));
  return path;
}

/** Names of loop devices over files in a directory. */
function loopsBelow(dir: string): string[] {
  return readdirSync('/sys/block').filter((device) => {
    try {
      return readFileSync(`/sys/block/${device}/loop/backing_file`, 'utf8').startsWith(`${dir}/`);
    } catch {
      return false; // no loop device, or none any more
    }
  });
}
