import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { type GuestWriter, startGuestWriter } from '../../src/target/guest-writer.ts';
import type { GuestOp } from '../../src/trace/observation.ts';
import { type LiveQemu, storageDaemon } from './live-qemu.ts';
import { temporaryDir } from './temporary.ts';

const KiB = 1024;
const MiB = 1024 * KiB;
const io = { argv: ['qemu-io'], env: {} };
const failingSector = 2048; // at 1 MiB
const failed = { result: 'error', text: expect.stringContaining('Input/output error') };

test('what was written, zeroed and discarded is what another qemu-io reads', async () => {
  const { writer, holds } = await guest();
  expect(await end(writer, write(0, 17))).toEqual({ result: 'ok' });
  expect(await end(writer, { ...write(64 * KiB, 18), fua: true })).toEqual({ result: 'ok' });
  expect(await end(writer, write(128 * KiB, 19))).toEqual({ result: 'ok' });
  expect(await end(writer, { op: 'zero', ...at(64 * KiB), unmap: true })).toEqual({ result: 'ok' });
  expect(await end(writer, { op: 'discard', ...at(128 * KiB) })).toEqual({ result: 'ok' });
  expect(await end(writer, { op: 'read', ...at(0) })).toEqual({ result: 'ok' });
  expect(await end(writer, { op: 'flush' })).toEqual({ result: 'ok' });
  expect([holds(17, 0), holds(0, 64 * KiB), holds(0, 128 * KiB)]).toEqual([true, true, true]);
});

test('requests in flight side by side all end, and a flush ends after those before it', async () => {
  const { writer, holds } = await guest();
  const order: number[] = [];
  const writes = Array.from({ length: 24 }, async (_, index) => {
    const result = await end(writer, write(index * 4 * KiB, index + 1));
    order.push(index);
    return result;
  });
  const flushed = await end(writer, { op: 'flush' });
  expect(order).toHaveLength(24);
  expect([...(await Promise.all(writes)), flushed]).toEqual(Array(25).fill({ result: 'ok' }));
  expect(Array.from({ length: 24 }, (_, index) => holds(index + 1, index * 4 * KiB))).toEqual(
    Array(24).fill(true),
  );
});

test('an injected error ends the request that met it, alone or among others', async () => {
  const { writer } = await guest({ fail: ['write'] });
  expect(await end(writer, write(failingSector * 512, 1))).toEqual(failed);
  const offsets = [0, failingSector * 512, 4 * KiB, 8 * KiB];
  const ends = await Promise.all(offsets.map((offset) => end(writer, write(offset, 2))));
  expect(ends).toEqual([{ result: 'ok' }, failed, { result: 'ok' }, { result: 'ok' }]);
});

test('after a failed read, on which QEMU hangs up, the guest goes on', async () => {
  const { writer, holds } = await guest({ fail: ['read'] });
  expect(await end(writer, write(failingSector * 512, 1))).toEqual({ result: 'ok' }); // a hole is not read
  expect(await end(writer, { op: 'read', ...at(failingSector * 512) })).toEqual(failed);
  expect(await end(writer, write(0, 17))).toEqual({ result: 'ok' });
  expect(holds(17, 0)).toBe(true);
});

test('a failed discard and a failed flush are errors, too', async () => {
  const { writer } = await guest({ fail: ['discard', 'flush'] });
  expect(await end(writer, { op: 'discard', ...at(failingSector * 512) })).toEqual(failed);
  expect(await end(writer, write(0, 1))).toEqual({ result: 'ok' });
  expect(await end(writer, { op: 'flush' })).toEqual(failed);
});

test('a request past the end of the disk is an error', async () => {
  const { writer } = await guest();
  expect(await end(writer, write(64 * MiB, 1))).toMatchObject({ result: 'error' });
});

test('a read-only export opens and refuses writes', async () => {
  const { writer } = await guest({ writable: false });
  expect(await end(writer, { op: 'read', ...at(0) })).toEqual({ result: 'ok' });
  expect(await end(writer, write(0, 1))).toMatchObject({ result: 'error' });
});

test('an export that is not there says so, and the process serves the next one', async () => {
  const { writer, where } = await guest();
  const pid = writer.pid();
  expect(await writer.open({ ...where, export: 'absent' })).toEqual({
    error: expect.stringContaining('export "absent": Requested export not available'),
  });
  expect(await end(writer, write(0, 1))).toEqual({ result: 'disconnected', text: 'no export is open' });
  expect(await writer.open(where)).toBe('ok');
  expect(await end(writer, write(0, 1))).toEqual({ result: 'ok' });
  expect(writer.pid()).toBe(pid);
});

test('a closed export can be removed, and the process serves the next one', async () => {
  const { qemu, writer, where } = await guest();
  const pid = writer.pid();
  await writer.close();
  await qemu.qmp('block-export-del', { id: 'e', mode: 'safe' });
  await qemu.event('BLOCK_EXPORT_DELETED');
  await addExport(qemu, true);
  expect(await writer.open(where)).toBe('ok');
  expect(await end(writer, write(0, 1))).toEqual({ result: 'ok' });
  expect(writer.pid()).toBe(pid);
});

test('an export removed under the guest fails its requests', async () => {
  const { qemu, writer } = await guest();
  await qemu.qmp('block-export-del', { id: 'e', mode: 'hard' });
  await qemu.event('BLOCK_EXPORT_DELETED');
  expect(await end(writer, write(0, 1))).toMatchObject({ result: 'error' });
  expect(await end(writer, write(0, 1))).toEqual({ result: 'disconnected', text: 'no export is open' });
});

test('when QEMU is killed, what is in flight fails', async () => {
  const { qemu, writer } = await guest();
  qemu.signal('SIGSTOP');
  const requests = [end(writer, write(0, 1)), end(writer, write(4 * KiB, 1))];
  qemu.signal('SIGKILL');
  expect(await Promise.all(requests)).toMatchObject([{ result: 'error' }, { result: 'error' }]);
});

test('abandoning ends what a frozen QEMU holds, and the next open starts anew', async () => {
  const { qemu, writer, where } = await guest();
  qemu.signal('SIGSTOP');
  const ops: GuestOp[] = [write(0, 1), { op: 'discard', ...at(0) }, write(4 * KiB, 1)];
  const requests = ops.map((op) => end(writer, op));
  writer.abandon();
  expect(await Promise.all(requests)).toEqual(
    Array(3).fill({ result: 'disconnected', text: 'qemu-io ended' }),
  );
  qemu.signal('SIGCONT');
  expect(await writer.open(where)).toBe('ok');
  expect(await end(writer, write(0, 1))).toEqual({ result: 'ok' });
});

test('closing waits for all that was submitted', async () => {
  const { writer, holds } = await guest();
  const requests = Array.from({ length: 8 }, (_, index) => end(writer, write(index * 4 * KiB, 17)));
  await writer.close();
  expect(await Promise.all(requests)).toEqual(Array(8).fill({ result: 'ok' }));
  expect(holds(17, 28 * KiB)).toBe(true);
});

test('closing while QEMU is frozen gives up in time', async () => {
  const { qemu, writer } = await guest();
  qemu.signal('SIGSTOP');
  const request = end(writer, write(0, 1));
  await writer.close();
  expect(await request).toMatchObject({ result: 'disconnected' });
  expect(writer.pid()).toBeUndefined();
});

test('a stopped writer opens nothing more', async () => {
  const { writer, where } = await guest();
  writer.stop();
  expect(await writer.open(where)).toEqual({ error: 'the guest writer was stopped' });
});

test('a program that is no qemu-io is a fault of the environment', async () => {
  const writer = startGuestWriter({ io: { argv: ['/nonexistent/qemu-io'], env: {} } });
  await expect(writer.open({ socket: '/nonexistent', export: 'e' })).rejects.toThrow(
    /qemu-io does not start: .*nonexistent/,
  );
});

test('qemu-io dies with a parent that is killed, also while QEMU holds a request', async () => {
  const { qemu, where } = await guest();
  const parent = spawn(process.execPath, ['--input-type=module', '-e', parentProgram(where)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void parent.kill('SIGKILL'));
  const [printed] = await once(parent.stdout, 'data');
  const pid = Number(printed);
  expect(existsSync(`/proc/${pid}`)).toBe(true);
  qemu.signal('SIGSTOP');
  await sleep(20); // some requests are under way
  parent.kill('SIGKILL');
  await expect.poll(() => isRunning(pid)).toBe(false);
});

function parentProgram(where: object): string {
  const module = fileURLToPath(new URL('../../src/target/guest-writer.ts', import.meta.url));
  return `
    const { startGuestWriter } = await import(${JSON.stringify(module)});
    const writer = startGuestWriter({ io: ${JSON.stringify(io)} });
    await writer.open(${JSON.stringify(where)});
    console.log(writer.pid());
    for (;;) await writer.submit(${JSON.stringify({ op: 'discard', ...at(0) })}).done;`;
}

/** A zombie whose new parent does not reap it is dead, too. */
function isRunning(pid: number): boolean {
  try {
    return !execFileSync('ps', ['-o', 'stat=', '-p', `${pid}`], { encoding: 'utf8' }).startsWith('Z');
  } catch {
    return false;
  }
}

type Guest = {
  qemu: LiveQemu;
  writer: GuestWriter;
  where: { socket: string; export: string };
  /** Whether another qemu-io reads this pattern in the 4 KiB there. */
  holds: (pattern: number, offsetBytes: number) => boolean;
};

/** A storage daemon that exports a disk of 4 MiB, its path full of traps, and a guest on it. */
async function guest({ writable = true, fail = [] as string[] } = {}): Promise<Guest> {
  const dir = temporaryDir();
  const qemu = await storageDaemon(dir);
  const file = join(dir, 'disk.raw');
  execFileSync('qemu-img', ['create', '-q', '-f', 'raw', file, `${4 * MiB}`]);
  await qemu.qmp('blockdev-add', { driver: 'file', 'node-name': 'file', filename: file, discard: 'unmap' });
  await qemu.qmp('blockdev-add', {
    driver: 'blkdebug',
    'node-name': 'disk',
    image: 'file',
    discard: 'unmap',
    ...(fail.length > 0 ? { 'inject-error': fail.map(failing) } : {}),
  });
  const socket = join(dir, 'n, b=d.sock');
  await qemu.qmp('nbd-server-start', { addr: { type: 'unix', data: { path: socket } } });
  await addExport(qemu, writable);
  const where = { socket, export: 'a disk' };
  const writer = startGuestWriter({ io });
  onTestFinished(writer.stop);
  expect(await writer.open(where)).toBe('ok');
  return { qemu, writer, where, holds: (pattern, offsetBytes) => holds(file, pattern, offsetBytes) };
}

function failing(iotype: string): object {
  const where = iotype === 'flush' ? {} : { sector: failingSector };
  return { event: 'none', iotype, errno: 5, once: false, ...where };
}

const addExport = (qemu: LiveQemu, writable: boolean): Promise<unknown> =>
  qemu.qmp('block-export-add', { type: 'nbd', id: 'e', 'node-name': 'disk', name: 'a disk', writable });

const end = (writer: GuestWriter, op: GuestOp) => writer.submit(op).done;
const at = (offsetBytes: number) => ({ offsetBytes, lengthBytes: 4 * KiB });
const write = (offsetBytes: number, pattern: number) =>
  ({ op: 'write', ...at(offsetBytes), pattern }) as const;

function holds(file: string, pattern: number, offsetBytes: number): boolean {
  const args = ['-U', '-r', '-f', 'raw', '-c', `read -P ${pattern} ${offsetBytes} 4k`, file];
  return !execFileSync('qemu-io', args, { encoding: 'utf8' }).includes('Pattern verification failed');
}
