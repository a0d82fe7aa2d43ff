import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect, createServer, type NetConnectOpts, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { EnvironmentError } from '../../src/errors.ts';
import type { Dialect } from '../../src/sequence/sequence.ts';
import { listQemu, type QemuTarget } from '../../src/target/programs/binary.ts';
import { openShim } from '../../src/target/shim.ts';
import { listeningQemu } from './qmp-server.ts';
import { rawClient } from './raw-client.ts';
import { temporaryDir } from './temporary.ts';

const here = (await listQemu()).filter(({ system, img }) => system && img);

async function shimmed(target: QemuTarget, dialect: Dialect = 'rhel6') {
  const dir = temporaryDir();
  const qemu = await listeningQemu(target, dir);
  const listen = { path: join(dir, 'shim.sock') };
  const shim = await openShim({ qemu: { path: qemu.socket }, listen, dialect });
  onTestFinished(shim.close);
  return { dir, shim, ...qemu };
}

const capabilities = "{ 'execute' : 'qmp_capabilities' }\n";

for (const series of ['7.2.', '10.0.']) {
  const target = here.find(({ version }) => version.startsWith(series));
  describe.skipIf(!target)(`in front of QEMU ${target?.version ?? series}`, () => {
    test('the test plan’s sessions run to the letter', async () => {
      const { dir, shim, drive } = await shimmed(target as QemuTarget);
      const client = await rawClient(shim.address);
      expect(await client.next()).toMatchObject({ QMP: { capabilities: [] } });
      expect((await client.says(capabilities)).answer).toEqual({ return: {} });
      const mirror = `{ "execute": "__com.redhat_drive-mirror", "arguments": { "device": "${drive}", "target": "${dir}/sn1", "format": "qcow2", "mode": "absolute-paths", "speed": 10485760, "full": false } }`;
      expect((await client.says(mirror)).answer).toEqual({ return: {} });
      await client.hears('BLOCK_JOB_READY');
      const query = '{ "execute": "query-block-jobs", "arguments": {} }';
      expect((await client.says(query)).answer).toEqual({
        return: [{ device: drive, len: 0, offset: 0, speed: 10_485_760, type: 'mirror' }],
      });
      const setSpeed = `{ "execute": "block_job_set_speed", "arguments": { "device": "${drive}", "value": 1024 } }`;
      expect((await client.says(setSpeed)).answer).toEqual({ return: {} });
      const reopen = `{ "execute": "__com.redhat_drive-reopen", "arguments": { "device": "${drive}", "new-image-file": "${dir}/sn1", "format": "qcow2" } }`;
      expect(await client.says(reopen)).toEqual({ events: ['BLOCK_JOB_COMPLETED'], answer: { return: {} } });
      expect((await client.says(query)).answer).toEqual({ return: [] });
      const blocks = (await client.says('{"execute":"query-block"}')).answer;
      expect(blocks).toMatchObject({ return: [{ device: drive, inserted: { file: `${dir}/sn1` } }] });
    });

    test('drive-reopen puts an idle drive on another image', async () => {
      const { shim, drive, image } = await shimmed(target as QemuTarget);
      const client = await rawClient(shim.address);
      await client.next();
      await client.says(capabilities);
      const copy = `${image}.2`;
      const mirror = `{"execute":"__com.redhat_drive-mirror","arguments":{"device":"${drive}","target":"${copy}"}}`;
      await client.says(mirror);
      await client.hears('BLOCK_JOB_READY');
      await client.says(`{"execute":"block-job-cancel","arguments":{"device":"${drive}"}}`);
      await client.hears('BLOCK_JOB_COMPLETED');
      const reopen = `{"execute":"__com.redhat_drive-reopen","arguments":{"device":"${drive}","new-image-file":"${copy}","format":"qcow2"}}`;
      expect((await client.says(reopen)).answer).toEqual({ return: {} });
      const blocks = (await client.says('{"execute":"query-block"}')).answer;
      expect(blocks).toMatchObject({ return: [{ inserted: { file: copy } }] });
    });

    test('what came later is unknown, and QEMU answers the rest', async () => {
      const { shim } = await shimmed(target as QemuTarget, 'rhel7');
      const client = await rawClient(shim.address);
      await client.next();
      client.write(
        '{"execute":"query-jobs","id":1}{"execute":"qmp_capabilities","id":2}{"execute":"query-jobs","id":3}',
      );
      expect(await client.next()).toMatchObject({
        id: 1,
        error: { class: 'CommandNotFound', desc: expect.stringContaining('negotiation') },
      });
      expect(await client.next()).toEqual({ id: 2, return: {} });
      expect(await client.next()).toMatchObject({
        id: 3,
        error: { desc: 'The command query-jobs has not been found' },
      });
      expect((await client.says('{"execute":"query-status","id":4}')).answer).toMatchObject({
        id: 4,
        return: {},
      });
    });

    test('a second client is served when the first has gone', async () => {
      const { shim } = await shimmed(target as QemuTarget);
      const first = await rawClient(shim.address);
      await first.next();
      const second = await rawClient(shim.address);
      const greeted = second.next();
      expect((await first.says(capabilities)).answer).toEqual({ return: {} });
      first.leave();
      expect(await greeted).toHaveProperty('QMP');
    });

    test.each<[how: string, leave: (socket: Socket) => void]>([
      ['before they are greeted', (socket) => void socket.destroy()],
      ['with a word', (socket) => void socket.end('{"execute":"qmp_capabilities"}')],
      ['in the middle of one', (socket) => void socket.write('{"exec', () => socket.destroy())],
    ])('clients that leave %s, many at a time, do not keep the next from being served', async (_, leave) => {
      const { shim } = await shimmed(target as QemuTarget);
      const comeAndGo = async (): Promise<void> => {
        const socket = connect(shim.address as NetConnectOpts).on('error', () => {});
        await once(socket, 'connect');
        leave(socket.resume());
      };
      for (let i = 0; i < 10; i++) await Promise.all(Array.from({ length: 10 }, comeAndGo));
      const client = await rawClient(shim.address);
      expect(await client.next()).toHaveProperty('QMP');
      expect((await client.says(capabilities)).answer).toEqual({ return: {} });
    });

    test('a shim can be closed while its clients wait for a place that others have', async () => {
      const { shim, socket } = await shimmed(target as QemuTarget);
      const other = await rawClient({ path: socket });
      await other.next(); // the shim's own look at the monitor is over
      await rawClient({ path: socket });
      const waiting = await rawClient(shim.address);
      await shim.close();
      await waiting.closed;
    });

    test('a client hears of QEMU’s end, its last answer included', async () => {
      const { shim } = await shimmed(target as QemuTarget);
      const client = await rawClient(shim.address);
      await client.next();
      await client.says(capabilities);
      expect((await client.says('{"execute":"quit"}\n')).answer).toEqual({ return: {} });
      await client.closed;
    });
  });
}

test('where no QEMU is, there is no shim', async () => {
  const dir = temporaryDir();
  const opened = openShim({
    qemu: { path: join(dir, 'no.sock') },
    listen: { path: join(dir, 's') },
    dialect: 'rhel6',
  });
  await expect(opened).rejects.toThrow(EnvironmentError);
  expect(existsSync(join(dir, 's'))).toBe(false);
});

test('a port of 0 becomes a real one, and closing leaves nothing', async () => {
  const dir = temporaryDir();
  const qemu = createServer((socket) => socket.on('error', () => {})).listen(join(dir, 'q'));
  onTestFinished(() => void qemu.close());
  const plan = { qemu: { path: join(dir, 'q') }, dialect: 'rhel6' as const };
  const tcp = await openShim({ ...plan, listen: { host: '127.0.0.1', port: 0 } });
  expect(tcp.address).toMatchObject({ host: '127.0.0.1', port: expect.any(Number) });
  const unix = await openShim({ ...plan, listen: { path: join(dir, 's') } });
  expect(existsSync(join(dir, 's'))).toBe(true);
  await expect(openShim({ ...plan, listen: { path: join(dir, 's') } })).rejects.toThrow(/can't listen/);
  await Promise.all([tcp.close(), unix.close()]);
  expect(existsSync(join(dir, 's'))).toBe(false);
});
