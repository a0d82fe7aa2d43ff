import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { connectNbd, type NbdConnection } from '../../../src/target/guest/nbd-connection.ts';
import { temporaryDir } from '../temporary.ts';

/*
 * Servers unlike QEMU's, word for word: what QEMU never does must be right, too.
 */

const greeting = '4e42444d 41474943 49484156 454f5054 0003';
const optionReply = '0003e889 045565a9 00000007';
const opened = `${optionReply} 00000003 0000000c 0000 00000000 00100000 0001 ${optionReply} 00000001 00000000`;
const goBytes = 4 + 16 + 4 + 1 + 2;
const requestBytes = 28;

test('a server without NBD_OPT_GO is asked in the old way, and may pad its answer', async () => {
  const { connection } = await served(async (server) => {
    await server.say('4e42444d 41474943 49484156 454f5054 0001');
    await server.hear(goBytes);
    await server.say(`${optionReply} 80000001 00000000`);
    const asked = await server.hear(16 + 1);
    expect(asked.toString('hex')).toBe('49484156454f50540000000100000001' + '65');
    await server.say(`00000000 00100000 0003 ${'00'.repeat(124)}`);
  });
  expect(await connection.opened).toEqual({ sizeBytes: 2 ** 20, readOnly: true });
});

test('replies find their requests in any order, and in any pieces', async () => {
  const { connection } = await served(async (server) => {
    await server.open();
    const requests = await server.hear(2 * requestBytes);
    const [first, second] = [
      requests.subarray(8, 16),
      requests.subarray(requestBytes + 8, requestBytes + 16),
    ];
    const replies = `67446698 00000000 ${second?.toString('hex')} aabb 67446698 00000005 ${first?.toString('hex')}`;
    for (const byte of replies.replaceAll(' ', '').match(/../g) ?? []) await server.say(byte);
  });
  await connection.opened;
  const ends = [
    connection.request({ command: 'write', offsetBytes: 0, lengthBytes: 0 }),
    connection.request({ command: 'read', offsetBytes: 0, lengthBytes: 2 }),
  ];
  expect(await Promise.all(ends)).toEqual([
    { end: 'error', errno: 5 },
    { end: 'ok', bytes: Buffer.from('aabb', 'hex') },
  ]);
});

test.each([
  ['hangs up within a reply', '67446698 00000000 00000000'],
  ['hangs up within what was read', '67446698 00000000 00000000 00000001 aa'],
  ['answers what nobody asked', '67446698 00000000 00000000 000000ff'],
  ['speaks of something else', '668e33ef 00010001 00000000 00000001'],
])('when the server %s, what is in flight is gone, and so is the connection', async (_what, words) => {
  const { connection } = await served(async (server) => {
    await server.open();
    await server.hear(requestBytes);
    await server.say(words);
    server.hangUp();
  });
  await connection.opened;
  const read = { command: 'read', offsetBytes: 0, lengthBytes: 2 } as const;
  expect(await connection.request(read)).toEqual({ end: 'gone' });
  expect(connection.isGone()).toBe(true);
  expect(await connection.request(read)).toEqual({ end: 'gone' });
});

test("a client that finds the server's queue full comes again", async () => {
  const socket = join(temporaryDir(), 's');
  // It listens with a queue of one, as QEMU 5.2 does, and accepts nobody for a while.
  const busy = `require('node:net').createServer((client) => client.end('${'no NBD '.repeat(4)}'))
    .listen({ path: '${socket}', backlog: 1 }, () => {
      process.stdout.write('listening');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
    })`;
  const server = spawn(process.execPath, ['-e', busy]);
  onTestFinished(() => void server.kill('SIGKILL'));
  await once(server.stdout, 'data');
  const connections = Array.from({ length: 6 }, () => connectNbd({ socket, export: 'e' }));
  const opened = await Promise.all(connections.map((each) => each.opened));
  expect(opened).toEqual(Array(6).fill({ error: 'the server does not speak NBD' }));
});

test.each([
  ['no NBD server', 'deadbeef'.repeat(5), 'the server does not speak NBD'],
  ['one that hangs up', '4e42444d', 'the NBD server hung up'],
  ['one that answers no option', `${greeting} ${'00'.repeat(20)}`, 'the server does not speak NBD'],
  ['one that refuses', `${greeting} ${optionReply} 80000002 00000002 6e6f`, 'export "e": no'],
])('opening an export of %s says so', async (_what, words, error) => {
  const { connection } = await served(async (server) => {
    await server.say(words);
    server.hangUp();
  });
  expect(await connection.opened).toEqual({ error });
});

test('an export that is destroyed while it opens is an error, and nothing hangs', async () => {
  const { connection } = await served(async () => {});
  setTimeout(connection.destroy, 10);
  expect(await connection.opened).toEqual({ error: 'the NBD server hung up' });
  await connection.disconnect();
});

type Server = {
  say(hex: string): Promise<void>;
  hear(lengthBytes: number): Promise<Buffer>;
  /** Opens the export "e" of 1 MiB. */
  open(): Promise<void>;
  hangUp(): void;
};

/** A connection to a server that plays this part. */
async function served(part: (server: Server) => Promise<void>): Promise<{ connection: NbdConnection }> {
  const socket = join(temporaryDir(), 'nbd.sock');
  const server = createServer().listen(socket);
  await once(server, 'listening');
  const connection = connectNbd({ socket, export: 'e' });
  const [peer] = (await once(server, 'connection')) as [Socket];
  peer.on('error', () => {});
  onTestFinished(() => {
    connection.destroy();
    peer.destroy();
    server.close();
  });
  const say = (hex: string): Promise<void> =>
    new Promise((resolve) => peer.write(Buffer.from(hex.replaceAll(' ', ''), 'hex'), () => resolve()));
  async function hear(lengthBytes: number): Promise<Buffer> {
    for (;;) {
      const bytes: Buffer | null = peer.read(lengthBytes);
      if (bytes) return bytes;
      await once(peer, 'readable');
    }
  }
  async function open(): Promise<void> {
    await say(greeting);
    await hear(goBytes);
    await say(opened);
  }
  void part({ say, hear, open, hangUp: () => peer.end() });
  return { connection };
}
