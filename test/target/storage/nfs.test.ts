import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Network, openNetwork } from '../../../src/target/confine/network.ts';
import { limits } from '../../../src/target/limits.ts';
import type { QemuTarget } from '../../../src/target/programs/binary.ts';
import { nfs } from '../../../src/target/storage/nfs.ts';
import type { OpenBackend, Served } from '../../../src/target/storage/storage.ts';
import { systemEmulator } from '../live-qemu.ts';
import { temporaryDir } from '../temporary.ts';
import { openDisk } from './open-disk.ts';
import { usableHere } from './usable-here.ts';

const onPath: QemuTarget = {
  label: 'PATH',
  version: '',
  origin: 'path',
  path: '',
  system: plain('qemu-system-x86_64'),
};
const usable = await usableHere('nfs', onPath);
if (!usable.usable) console.warn(`no NFS storage is tested: ${usable.lacks}`);
const sizeBytes = 2 ** 20;

describe.skipIf(!usable.usable)('an image on nfs-ganesha', () => {
  test('what a client writes is in the image file when the server has let go of it', async () => {
    const { network, image, path } = await servedImage();
    const disk = await openDisk(network, image.url);
    await disk.ask('write -P 9 64k 64k');
    await disk.kill();
    await image.stop();
    const content = readFileSync(path);
    expect(content.indexOf(9)).toBe(65_536);
    expect(content.lastIndexOf(9)).toBe(131_071);
  });

  test('a mirror onto it becomes ready, and the file equals the source', async () => {
    const { dir, network, image, path } = await servedImage();
    const source = join(dir, 'src.raw');
    writeFileSync(source, Buffer.alloc(sizeBytes, 5));
    const qemu = await systemEmulator(dir, network.enter);
    const file = { driver: 'file', filename: source };
    await qemu.qmp('blockdev-add', { driver: 'raw', 'node-name': 'src', file });
    await qemu.qmp('blockdev-add', { driver: 'raw', 'node-name': 'dst', file: image.node });
    await qemu.qmp('blockdev-mirror', { 'job-id': 'j', device: 'src', target: 'dst', sync: 'full' });
    await qemu.event('BLOCK_JOB_READY');
    await qemu.qmp('block-job-complete', { device: 'j' });
    await qemu.event('BLOCK_JOB_COMPLETED');
    await image.stop();
    expect(readFileSync(path).equals(readFileSync(source))).toBe(true);
  });

  test('an image that is made anew under the same name is read as it is now', async () => {
    const { backend, network, image, path } = await servedImage();
    await (await openDisk(network, image.url)).ask('read -P 1 0 1M');
    await image.stop();
    rmSync(path);
    writeFileSync(path, Buffer.alloc(sizeBytes / 2, 2));
    const again = await backend.serve({ name: 'dst', path, readOnly: false, options: 'nfs' });
    const disk = await openDisk(network, again.url);
    expect(await disk.ask('length')).toContain('512 KiB');
    expect(await disk.ask('read -P 2 0 512k')).toContain('read 524288/524288');
  });

  test('a file that was removed takes no space for longer than a moment', async () => {
    const { dir, network, image, path } = await servedImage();
    await (await openDisk(network, image.url)).ask('write 0 1M');
    await image.stop();
    rmSync(path);
    await until(() => processesNaming(dir).every((pid) => !openFiles(pid).includes(`${path} (deleted)`)));
  });
});

describe.skipIf(!usable.usable)('the matter with an NFS server', () => {
  test.each([
    ['failing', undefined, 'NFS3ERR_IO'],
    ['failing', 'ENOSPC', 'NFS3ERR_NOSPC'],
    ['failing', 'EPERM', 'NFS3ERR_PERM'],
    ['full', undefined, 'NFS3ERR_NOSPC'],
    ['read-only', undefined, 'NFS3ERR_ROFS'],
    ['removed', undefined, 'NFS3ERR_STALE'],
  ] as const)(
    '%s (%s): a write fails with %s, and works when all is well again',
    async (state, errno, status) => {
      const { network, image, path } = await servedImage();
      const disk = await openDisk(network, image.url);
      expect(await image.become(state, errno)).toEqual({ outcome: 'armed' });
      const failed = await disk.ask('write -P 9 0 4k');
      expect(failed).toContain('write failed');
      expect(failed).toContain(status);
      expect(readFileSync(path)[0]).toBe(1);
      await image.become('well');
      expect(await disk.ask('write -P 9 0 4k')).toContain('wrote 4096/4096');
    },
  );

  test.each(['failing', 'full', 'read-only'] as const)('%s: reads go on', async (state) => {
    const { network, image } = await servedImage();
    const disk = await openDisk(network, image.url);
    await image.become(state);
    expect(await disk.ask('read -P 1 0 4k')).toContain('read 4096/4096');
  });

  test('removed: reads fail, and the image can not be opened', async () => {
    const { network, image } = await servedImage();
    const disk = await openDisk(network, image.url);
    await image.become('removed');
    expect(await disk.ask('read 0 4k')).toContain('read failed');
    await expect(openDisk(network, image.url)).rejects.toThrow('NFS3ERR_STALE');
  });

  test.each(['killed', 'suspended'] as const)(
    '%s: a write waits, and is done once all is well',
    async (state) => {
      const { network, image, path } = await servedImage();
      const disk = await openDisk(network, image.url);
      await image.become(state);
      const written = disk.ask('write -P 9 0 4k');
      expect(await Promise.race([written, sleep(300, 'waits')])).toBe('waits');
      expect(readFileSync(path)[0]).toBe(1);
      await image.become('well');
      expect(await written).toContain('wrote 4096/4096');
      expect(readFileSync(path)[0]).toBe(9);
    },
  );

  test('killed: the image can not be opened', async () => {
    const { network, image } = await servedImage();
    await image.become('killed');
    await expect(openDisk(network, image.url)).rejects.toThrow('Failed to mount nfs share');
  });

  test('slow: a write takes its time, and works', async () => {
    const { network, image } = await servedImage();
    const disk = await openDisk(network, image.url);
    await image.become('slow');
    const startMs = performance.now();
    expect(await disk.ask('write -P 9 0 4k')).toContain('wrote 4096/4096');
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(limits.slowServerDelayMs - 1);
  });

  test('cut: the client comes back over a new connection, and nothing fails', async () => {
    const { network, image } = await servedImage();
    const disk = await openDisk(network, image.url);
    await image.become('suspended'); // so that the write is on its way
    const written = disk.ask('write -P 9 0 512k');
    expect(await Promise.race([written, sleep(100, 'waits')])).toBe('waits');
    await image.become('cut');
    expect(await written).toContain('wrote 524288/524288');
    expect(await disk.ask('read -P 9 0 512k')).toContain('read 524288/524288');
  });

  test('what is the matter with one image spares the others', async () => {
    const { dir, backend, network, image } = await servedImage();
    const other = await serveNew(backend, dir, 'other');
    await image.become('failing');
    const disk = await openDisk(network, other.image.url);
    expect(await disk.ask('write 0 4k')).toContain('wrote 4096/4096');
  });

  test('the server stays killed while one of two images wants it so', async () => {
    const { dir, backend, network, image } = await servedImage();
    const other = await serveNew(backend, dir, 'other');
    await image.become('killed');
    await other.image.become('killed');
    await image.become('well');
    await expect(openDisk(network, image.url)).rejects.toThrow('Failed to mount nfs share');
    await other.image.stop();
    expect(await (await openDisk(network, image.url)).ask('read 0 4k')).toContain('read 4096/4096');
  });

  test('any state may follow any other', async () => {
    const { network, image } = await servedImage();
    const disk = await openDisk(network, image.url);
    const states = [
      'suspended',
      'killed',
      'cut',
      'killed',
      'suspended',
      'full',
      'suspended',
      'removed',
    ] as const;
    for (const state of states) expect(await image.become(state)).toEqual({ outcome: 'armed' });
    await image.become('well');
    expect(await disk.ask('write 0 4k')).toContain('wrote 4096/4096');
  });

  test('an image of a suspended server can be let go of', async () => {
    const { network, image, path } = await servedImage();
    const disk = await openDisk(network, image.url);
    await image.become('suspended');
    const written = disk.ask('write -P 9 0 4k');
    expect(await Promise.race([written, sleep(100, 'waits')])).toBe('waits');
    await disk.kill();
    await image.stop();
    await image.stop();
    const content = readFileSync(path);
    await sleep(100);
    expect(readFileSync(path).equals(content)).toBe(true);
  });
});

describe.skipIf(!usable.usable)('the servers of a session', () => {
  test('leave no process and no file when they are closed', async () => {
    const { dir, backend } = await servedImage();
    expect(processesNaming(dir)).not.toEqual([]);
    await backend.close();
    expect(processesNaming(dir)).toEqual([]);
    expect(readdirSync(dir)).toEqual(['q1']);
  });

  test('that end by themselves are told of when an image is let go of', async () => {
    const { dir, image } = await servedImage();
    const ganesha = processesNaming(dir).find((pid) => commandName(pid) === 'ganesha.nfsd');
    process.kill(ganesha as number, 'SIGKILL');
    await until(() => !existsSync(`/proc/${ganesha}`));
    await sleep(50); // for its exit to be noticed
    await expect(image.stop()).rejects.toThrow('nfs-ganesha has ended by itself');
  });

  test('of several sessions serve beside each other', async () => {
    const [one, two] = await Promise.all([servedImage(), servedImage()]);
    await one.image.become('killed');
    const disk = await openDisk(two.network, two.image.url);
    expect(await disk.ask('write 0 4k')).toContain('wrote 4096/4096');
  });

  test('end with the process that has them, even if that is killed', async () => {
    const dir = temporaryDir();
    const program = join(import.meta.dirname, 'nfs-session.ts');
    const owner = spawn(process.execPath, [program, dir], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(owner.stdout, 'data');
    expect(processesNaming(dir).length).toBeGreaterThan(1);
    owner.kill('SIGKILL');
    await until(() => processesNaming(dir).length === 0);
  });
});

async function servedImage() {
  const dir = temporaryDir();
  const network: Network = await openNetwork();
  const backend: OpenBackend = await nfs.open({ dir, target: onPath, network });
  onTestFinished(async () => {
    await backend.close();
    await network.close();
  });
  return { dir, network, backend, ...(await serveNew(backend, dir, 'dst')) };
}

async function serveNew(
  backend: OpenBackend,
  dir: string,
  name: string,
): Promise<{ image: Served; path: string }> {
  const path = join(dir, 'q1', `${name}.raw`);
  mkdirSync(join(dir, 'q1'), { recursive: true });
  writeFileSync(path, Buffer.alloc(sizeBytes, 1));
  return { path, image: await backend.serve({ name, path, readOnly: false, options: 'nfs' }) };
}

/** Processes with a word in their command line that names something in that directory, but for this one. */
function processesNaming(dir: string): number[] {
  const pids = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  return pids.filter(
    (pid) =>
      pid !== process.pid && attempt(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'))?.includes(dir),
  );
}

function commandName(pid: number): string | undefined {
  return attempt(() => readFileSync(`/proc/${pid}/comm`, 'utf8').trim());
}

function openFiles(pid: number): string[] {
  const fds = attempt(() => readdirSync(`/proc/${pid}/fd`)) ?? [];
  return fds.flatMap((fd) => attempt(() => readlinkSync(`/proc/${pid}/fd/${fd}`)) ?? []);
}

/** undefined where the process is gone meanwhile. */
function attempt<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

async function until(met: () => boolean): Promise<void> {
  while (!met()) await sleep(20);
}

function plain(path: string) {
  return { argv: [path], env: {} };
}
