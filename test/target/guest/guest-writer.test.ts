import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import {
  createGuestWriter,
  type GuestDisk,
  type GuestWriter,
} from '../../../src/target/guest/guest-writer.ts';
import { contentBytes } from '../../../src/trace/content-bytes.ts';
import type { GuestOp } from '../../../src/trace/observation.ts';
import { type LiveQemu, storageDaemon } from '../live-qemu.ts';
import { temporaryDir } from '../temporary.ts';

const KiB = 1024;
const MiB = 1024 * KiB;
const failingSector = 2048; // at 1 MiB
const ok = { result: 'ok' };
const failed = { result: 'error', text: 'Input/output error' };
const gone = { result: 'disconnected', text: expect.any(String) };

test('what was written, zeroed and discarded lies in the image, and is read back', async () => {
  const { writer, image } = await guest();
  expect(await end(writer, write(0, 17))).toEqual(ok);
  expect(await end(writer, { ...write(64 * KiB, 18), fua: true })).toEqual(ok);
  expect(await end(writer, write(128 * KiB, 19))).toEqual(ok);
  expect(await end(writer, write(192 * KiB, 20))).toEqual(ok);
  expect(await end(writer, { op: 'zero', ...at(64 * KiB), unmap: true })).toEqual(ok);
  expect(await end(writer, { op: 'zero', ...at(128 * KiB) })).toEqual(ok);
  expect(await end(writer, { op: 'discard', ...at(192 * KiB) })).toEqual(ok);
  expect(await end(writer, { op: 'flush' })).toEqual(ok);
  expect(await end(writer, { op: 'read', ...at(0) })).toEqual({
    result: 'ok',
    bytes: Buffer.alloc(4 * KiB, 17),
  });
  const expected = Buffer.alloc(4 * MiB);
  expected.fill(17, 0, 4 * KiB);
  expect(image().equals(expected)).toBe(true);
});

test('a write of a generation leaves the stamps of its disk, its number and its place, however it lies', async () => {
  const { writer, image } = await guest();
  const extents: [number, number][] = [
    [0, 4 * KiB],
    [100_001, 1],
    [200_007, 1234],
    [4 * MiB - 3, 3],
  ];
  const expected = Buffer.alloc(4 * MiB);
  for (const [index, [offsetBytes, lengthBytes]] of extents.entries()) {
    const generation = index + 1;
    expect(await end(writer, { op: 'write', offsetBytes, lengthBytes, generation })).toEqual(ok);
    contentBytes('src', offsetBytes, lengthBytes, generation).copy(expected, offsetBytes);
  }
  expect(image().equals(expected)).toBe(true);
});

test.each([1, 511, 513])('a disk of %i bytes is written and read to its last byte', async (sizeBytes) => {
  const { writer, image } = await guest({ sizeBytes });
  const all = { offsetBytes: 0, lengthBytes: sizeBytes };
  expect(await end(writer, { op: 'write', ...all, generation: 1 })).toEqual(ok);
  const bytes = contentBytes('src', 0, sizeBytes, 1);
  expect(await end(writer, { op: 'read', ...all })).toEqual({ result: 'ok', bytes });
  expect(image().equals(bytes)).toBe(true);
  expect(await end(writer, { op: 'zero', ...all, unmap: true })).toEqual(ok);
  expect(await end(writer, { op: 'read', ...all })).toEqual({ result: 'ok', bytes: Buffer.alloc(sizeBytes) });
});

test('what is too large for one request of the protocol goes in several', async () => {
  const sizeBytes = 65 * MiB;
  const { writer } = await guest({ sizeBytes });
  const all = { offsetBytes: 0, lengthBytes: sizeBytes };
  expect(await end(writer, { op: 'write', ...all, generation: 1 })).toEqual(ok);
  const read = await end(writer, { op: 'read', ...all });
  expect(read.result === 'ok' && read.bytes?.equals(contentBytes('src', 0, sizeBytes, 1))).toBe(true);
});

test('requests in flight side by side all end, each by itself', async () => {
  const { writer, image } = await guest();
  const writes = Array.from({ length: 64 }, (_, index) => end(writer, write(index * 4 * KiB, index + 1)));
  expect(await Promise.all([...writes, end(writer, { op: 'flush' })])).toEqual(Array(65).fill(ok));
  const bytes = image();
  for (let index = 0; index < 64; index++) expect(bytes[index * 4 * KiB]).toBe(index + 1);
});

test('an injected error ends the request that met it, alone or among others, and its twin', async () => {
  const { writer } = await guest({ fail: ['write'] });
  expect(await end(writer, write(failingSector * 512, 1))).toEqual(failed);
  const offsets = [0, failingSector * 512, 4 * KiB, failingSector * 512, 8 * KiB];
  const ends = await Promise.all(offsets.map((offset) => end(writer, write(offset, 2))));
  expect(ends).toEqual([ok, failed, ok, failed, ok]);
});

test('a read, a discard and a flush that fail are errors, too', async () => {
  const { writer } = await guest({ fail: ['read', 'discard', 'flush'] });
  expect(await end(writer, write(failingSector * 512, 1))).toEqual(ok); // a hole is not read
  expect(await end(writer, { op: 'read', ...at(failingSector * 512) })).toEqual(failed);
  expect(await end(writer, { op: 'discard', ...at(failingSector * 512) })).toEqual(failed);
  expect(await end(writer, { op: 'flush' })).toEqual(failed);
  expect(await end(writer, write(0, 17))).toEqual(ok);
});

test.each(['write', 'zero', 'discard', 'read'] as const)(
  'a %s past the end of the disk is an error that says so, and no full disk',
  async (op) => {
    const { writer } = await guest();
    const past = { offsetBytes: 4 * MiB - 512, lengthBytes: 1024 };
    const beyond = { result: 'error', text: 'beyond the end of the export of 4194304 bytes' };
    expect(await end(writer, op === 'write' ? { op, ...past, pattern: 1 } : { op, ...past })).toEqual(beyond);
    expect(await end(writer, write(0, 1))).toEqual(ok);
  },
);

test('a read-only export opens and refuses writes', async () => {
  const { writer } = await guest({ writable: false });
  expect(await end(writer, { op: 'read', ...at(0) })).toMatchObject(ok);
  const refused = { result: 'error', text: 'the export is read-only' };
  expect(await end(writer, write(0, 1))).toEqual(refused);
  expect(await end(writer, { op: 'discard', ...at(0) })).toEqual(refused);
});

test('an export that is not there says so, and the next one opens', async () => {
  const { writer, where } = await guest();
  expect(await writer.open({ ...where, export: 'absent' })).toEqual({
    error: `export "absent": export 'absent' not present`,
  });
  expect(await end(writer, write(0, 1))).toEqual({ result: 'disconnected', text: 'no export is open' });
  expect(await writer.open(where)).toBe('ok');
  expect(await end(writer, write(0, 1))).toEqual(ok);
});

test('a socket that is not there says so', async () => {
  const writer = createGuestWriter();
  const where = { socket: join(temporaryDir(), 'absent'), export: 'e', seedText: 'src' };
  expect(await writer.open(where)).toEqual({ error: expect.stringContaining('ENOENT') });
});

test('a closed export can be removed, and the next one opens', async () => {
  const { qemu, writer, where } = await guest();
  await writer.close();
  await qemu.qmp('block-export-del', { id: 'e', mode: 'safe' });
  await qemu.event('BLOCK_EXPORT_DELETED');
  await addExport(qemu, true);
  expect(await writer.open(where)).toBe('ok');
  expect(await end(writer, write(0, 1))).toEqual(ok);
});

test('an export removed under the guest fails its requests until it is there again', async () => {
  const { qemu, writer } = await guest();
  await qemu.qmp('block-export-del', { id: 'e', mode: 'hard' });
  await qemu.event('BLOCK_EXPORT_DELETED');
  expect(await end(writer, write(0, 1))).toEqual(gone);
  expect(await end(writer, write(0, 1))).toEqual(gone);
  await addExport(qemu, true);
  expect(await end(writer, write(0, 1))).toEqual(ok);
});

test('a stopped NBD server fails what comes after it', async () => {
  const { qemu, writer } = await guest();
  await qemu.qmp('nbd-server-stop');
  expect(await end(writer, write(0, 1))).toEqual(gone);
  expect(await end(writer, { op: 'flush' })).toEqual(gone);
});

test('when QEMU is killed, what is in flight is gone', async () => {
  const { qemu, writer } = await guest();
  qemu.signal('SIGSTOP');
  const requests = [end(writer, write(0, 1)), end(writer, { op: 'read', ...at(0) })];
  qemu.signal('SIGKILL');
  expect(await Promise.all(requests)).toEqual([gone, gone]);
});

test('abandoning ends what a frozen QEMU holds, and the guest goes on when it is thawed', async () => {
  const { qemu, writer } = await guest();
  qemu.signal('SIGSTOP');
  const ops: GuestOp[] = [write(0, 1), { op: 'discard', ...at(0) }, write(4 * KiB, 1)];
  const requests = ops.map((op) => end(writer, op));
  writer.abandon();
  expect(await Promise.all(requests)).toEqual([gone, gone, gone]);
  const next = end(writer, write(0, 1));
  qemu.signal('SIGCONT');
  expect(await next).toEqual(ok);
});

test('a further client sees what was written, and the client before stays', async () => {
  const { writer, image } = await guest();
  const held = writer.submit(write(0, 1)).done;
  expect(await writer.submit(write(4 * KiB, 2), 'new').done).toEqual(ok);
  expect(await held).toEqual(ok);
  expect(await writer.submit(write(8 * KiB, 3), 'once').done).toEqual(ok);
  expect(await end(writer, { op: 'read', offsetBytes: 0, lengthBytes: 12 * KiB })).toEqual({
    result: 'ok',
    bytes: Buffer.concat([1, 2, 3].map((byte) => Buffer.alloc(4 * KiB, byte))),
  });
  await writer.close();
  expect(image().subarray(0, 12 * KiB)).toEqual(
    Buffer.concat([1, 2, 3].map((byte) => Buffer.alloc(4 * KiB, byte))),
  );
});

test('abandoning ends the requests of every client', async () => {
  const { writer } = await guest();
  await end(writer, write(0, 1));
  const ends = [writer.submit(write(0, 2)).done, writer.submit(write(4096, 3), 'new').done];
  writer.abandon();
  for (const result of await Promise.all(ends)) expect([gone, ok]).toContainEqual(result);
});

test('closing waits for all that was submitted', async () => {
  const { writer, image } = await guest();
  const requests = Array.from({ length: 8 }, (_, index) => end(writer, write(index * 4 * KiB, 17)));
  await writer.close();
  expect(await Promise.all(requests)).toEqual(Array(8).fill(ok));
  expect(image()[28 * KiB]).toBe(17);
  expect(await end(writer, write(0, 1))).toEqual(gone);
});

test('closing while QEMU is frozen gives up in time', async () => {
  const { qemu, writer } = await guest();
  qemu.signal('SIGSTOP');
  const request = end(writer, write(0, 1));
  await writer.close();
  expect(await request).toEqual(gone);
});

test('opening an export of a frozen QEMU can be broken off', async () => {
  const { qemu, writer, where } = await guest();
  qemu.signal('SIGSTOP');
  const opened = createGuestWriter();
  const opening = opened.open(where);
  setTimeout(opened.stop, 20);
  expect(await opening).toEqual({ error: expect.any(String) });
  writer.abandon();
});

test('a stopped writer opens nothing more', async () => {
  const { writer, where } = await guest();
  writer.stop();
  expect(await writer.open(where)).toEqual({ error: 'the guest writer was stopped' });
  expect(await end(writer, write(0, 1))).toEqual(gone);
});

type Guest = {
  qemu: LiveQemu;
  writer: GuestWriter;
  where: GuestDisk;
  /** What the image file holds now. */
  image: () => Buffer;
};

/** A storage daemon that exports a raw disk, 4 MiB unless given, its path full of traps, and a guest on it. */
async function guest({ writable = true, sizeBytes = 4 * MiB, fail = [] as string[] } = {}): Promise<Guest> {
  const dir = temporaryDir();
  const qemu = await storageDaemon(dir);
  const file = join(dir, 'disk.raw');
  writeFileSync(file, '');
  truncateSync(file, sizeBytes);
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
  const where = { socket, export: 'a disk', seedText: 'src' };
  const writer = createGuestWriter();
  onTestFinished(writer.stop);
  expect(await writer.open(where)).toBe('ok');
  return { qemu, writer, where, image: () => readFileSync(file) };
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
