import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { connectNbd } from '../../../src/target/guest/nbd-connection.ts';
import { openImageStore } from '../../../src/target/images/image-store.ts';
import type { QemuTarget } from '../../../src/target/programs/binary.ts';
import { nbd } from '../../../src/target/storage/nbd.ts';
import { exportName } from '../../../src/target/storage/nbd-servers/server.ts';
import { oneQemu } from '../../real/qemus.ts';
import { temporaryDir } from '../temporary.ts';
import { serveAndBeKilled } from './left-alone.ts';

const MiB = 2 ** 20;

const qemu = oneQemu();
if (qemu && (await nbd.usable(qemu)).usable) ofOneSession(qemu);
else test.skip('no QEMU is here that has an NBD server: ./bootstrap', () => {});

function ofOneSession(target: QemuTarget): void {
  test('no server is left when this process is killed', async () => {
    const dir = temporaryDir();
    const path = join(dir, 'disk.raw');
    writeFileSync(path, Buffer.alloc(MiB));
    await serveAndBeKilled({ path, options: 'nbd' }, dir);
    await expect.poll(() => processesNaming(dir)).toEqual([]);
  });

  test('many disks are served at once, and what one leaves another takes', async () => {
    const dir = temporaryDir();
    const backend = await nbd.open({ dir, target, network: undefined });
    onTestFinished(() => backend.close());
    const serve = (name: string) => {
      const path = join(dir, `${name}.raw`);
      writeFileSync(path, Buffer.alloc(MiB));
      return backend.serve({ name, path, readOnly: false, options: 'nbd' });
    };
    const [a, b] = await Promise.all(['a', 'b'].map(serve));
    expect(a?.url).not.toBe(b?.url);
    await a?.stop();
    const c = await serve('c');
    expect(c.url).toBe(a?.url);
    await a?.stop();
    expect(await sizeOf(c.url)).toBe(MiB);
  });

  test('a qcow2 image has room to grow; one that is only read stays as it is', async () => {
    const dir = temporaryDir();
    const backend = await nbd.open({ dir, target, network: undefined });
    onTestFinished(() => backend.close());
    for (const readOnly of [false, true]) {
      const { path } = openImageStore({ dir }).place(
        { name: `disk-${readOnly}`, format: 'qcow2', sizeBytes: 8 * MiB, fill: 'empty', seedText: '' },
        dir,
      );
      const before = statSync(path).size;
      const { url } = await backend.serve({ name: 'disk', path, readOnly, options: 'nbd' });
      expect(await sizeOf(url)).toBe(readOnly ? before : 9 * MiB);
      expect(statSync(path).size).toBe(readOnly ? before : 9 * MiB);
    }
  });
}

async function sizeOf(url: string): Promise<number> {
  const socket = new URL(url).searchParams.get('socket') as string;
  const connection = connectNbd({ socket, export: exportName });
  onTestFinished(() => connection.destroy());
  const opened = await connection.opened;
  return 'error' in opened ? Number.NaN : opened.sizeBytes;
}

/** Command lines that hold a path below the directory. */
function processesNaming(dir: string): string[] {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .map(commandLineOf)
    .filter((line) => line.includes(dir));
}

function commandLineOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return ''; // gone meanwhile
  }
}
