import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type GuestMachine, openGuestMachine } from '../../../src/target/guest/guest-machine.ts';
import { contentBytes } from '../../../src/trace/content-bytes.ts';
import { temporaryDir } from '../temporary.ts';

/** A guest that a test plays: what came over the line, and what it answers. */
async function line(): Promise<{ guest: GuestMachine; machine: Socket; asked(): Promise<Buffer> }> {
  const path = join(temporaryDir(), 'serial.sock');
  const server = createServer().listen(path);
  await once(server, 'listening');
  const machine = connect(path);
  const [socket] = (await once(server, 'connection')) as [Socket];
  onTestFinished(() => {
    machine.destroy();
    socket.destroy();
    server.close();
  });
  async function asked(): Promise<Buffer> {
    for (;;) {
      const bytes: Buffer | null = machine.read(34);
      if (bytes) return bytes;
      await once(machine, 'readable');
    }
  }
  return { guest: openGuestMachine(socket), machine, asked };
}

test('nothing is asked before the greeting, and one thing after the other', async () => {
  const { guest, machine, asked } = await line();
  const disk = guest.disk(0x81, 'src');
  const first = disk.submit({ op: 'write', offsetBytes: 1024, lengthBytes: 1024, generation: 7 }).done;
  const second = disk.submit({ op: 'read', offsetBytes: 0, lengthBytes: 512 }).done;
  machine.write('!');
  const write = await asked();
  expect(write.subarray(0, 18).toString('hex')).toBe(
    '7381100002000000001002000000000000 00'.replace(' ', ''),
  );
  expect(write.subarray(18)).toEqual(contentBytes('src', 1024, 16, 7));
  expect(machine.readableLength).toBe(0);
  machine.write('+');
  expect(await first).toEqual({ result: 'ok' });
  expect((await asked()).toString('latin1', 0, 1)).toBe('r');
  machine.write(`+=${'x'.repeat(16)}`);
  expect(await second).toEqual({ result: 'ok', bytes: Buffer.alloc(512, 'x') });
});

test('a large request goes in pieces, up to the first that fails', async () => {
  const { guest, machine, asked } = await line();
  const write = guest.disk(0x80, 'src').submit({ op: 'zero', offsetBytes: 0, lengthBytes: 2 ** 20 }).done;
  machine.write('!');
  expect((await asked()).readUInt16LE(4)).toBe(64);
  machine.write('+');
  expect((await asked()).readUInt32LE(10)).toBe(64);
  machine.write(Buffer.from('-\x0c', 'latin1'));
  expect(await write).toEqual({
    result: 'error',
    text: 'the BIOS answers 0ch: the device failed the request',
  });
});

test('what is abandoned ends at once, and the answer that comes after all is not taken for the next one', async () => {
  const { guest, machine, asked } = await line();
  const disk = guest.disk(0x80, 'src');
  machine.write('!');
  const late = disk.submit({ op: 'zero', offsetBytes: 0, lengthBytes: 512 }).done;
  await asked();
  disk.abandon();
  expect(await late).toMatchObject({ result: 'disconnected' });
  const next = disk.submit({ op: 'read', offsetBytes: 0, lengthBytes: 512 }).done;
  machine.write('-\x01');
  await asked();
  machine.write(`+#${'y'.repeat(512)}`);
  expect(await next).toEqual({ result: 'ok', bytes: Buffer.alloc(512, 'y') });
});

test('a guest that is gone answers nothing any more, and says so', async () => {
  const { guest, machine } = await line();
  const disk = guest.disk(0x80, 'src');
  machine.write('!');
  await guest.greeting;
  const write = disk.submit({ op: 'zero', offsetBytes: 0, lengthBytes: 512 }).done;
  machine.destroy();
  expect(await write).toEqual({ result: 'disconnected', text: 'the guest is gone' });
  expect(await guest.sums(0x80, 512)).toEqual({ error: 'the guest is gone' });
});
