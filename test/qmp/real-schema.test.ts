import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { QmpClient } from '../../src/qmp/client.ts';
import { conforms } from '../../src/qmp/conforms.ts';
import { resyncByte } from '../../src/qmp/raw.ts';
import { type QmpSchema, readSchema } from '../../src/qmp/schema.ts';
import { enumValues, hasArgument, hasCommand } from '../../src/qmp/schema-query.ts';
import type { Json } from '../../src/sequence/step.ts';
import { openUnixWire, type UnixWire } from './unix-wire.ts';

const programs: [program: string, args: (socket: string) => string[]][] = [
  [
    'qemu-storage-daemon',
    (path) => ['--chardev', `socket,id=m,path=${path},server=on,wait=off`, '--monitor', 'chardev=m'],
  ],
  [
    'qemu-system-x86_64',
    (path) => [
      '-machine',
      'none',
      '-nodefaults',
      '-display',
      'none',
      '-qmp',
      `unix:${path},server=on,wait=off`,
    ],
  ],
];

describe.each(programs)('%s', (program, args) => {
  let dir: string;
  let child: ChildProcess;
  let wire: UnixWire;
  let client: QmpClient;
  let schema: QmpSchema;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'qmp-test-'));
    const path = join(dir, 's');
    child = spawn(program, args(path), { stdio: 'ignore' });
    await once(child, 'spawn');
    while (!existsSync(path) && child.exitCode === null) await sleep(10);
    wire = openUnixWire(path);
    // The file is there a moment before QEMU listens at it.
    while ((await wire.client.greeting) !== 'greeted' && child.exitCode === null) {
      await sleep(10);
      wire = openUnixWire(path);
    }
    client = wire.client;
    expect(await client.negotiate()).toMatchObject({ return: {} });
    schema = readSchema(await returned('query-qmp-schema'));
  });

  afterAll(async () => {
    const exited = once(child, 'exit');
    if (child.kill('SIGKILL')) await exited;
    await wire?.closed;
    await rm(dir, { recursive: true });
  });

  test('drive-mirror takes what its documentation lists, and nothing that older shells had', () => {
    const taken =
      'auto-dismiss auto-finalize buf-size copy-mode device format granularity job-id mode node-name';
    const more = 'on-source-error on-target-error replaces speed sync target unmap';
    for (const name of `${taken} ${more}`.split(' ')) {
      expect(hasArgument(schema, 'drive-mirror', name), name).toBe(true);
    }
    for (const name of ['full', 'value', 'bitmap', 'filter-node-name']) {
      expect(hasArgument(schema, 'drive-mirror', name), name).toBe(false);
    }
    const { members } = schema.commands.get('drive-mirror')!.args;
    const required = members.filter(({ optional }) => !optional).map(({ name }) => name);
    expect(required.sort()).toEqual(['device', 'sync', 'target']);
  });

  test("drive-mirror's enums are those of mirror.c", () => {
    expect(enumValues(schema, 'drive-mirror', 'copy-mode')).toEqual(['background', 'write-blocking']);
    expect(enumValues(schema, 'drive-mirror', 'mode')).toEqual(['existing', 'absolute-paths']);
    expect(enumValues(schema, 'drive-mirror', 'sync')).toEqual([
      'top',
      'full',
      'none',
      'incremental',
      'bitmap',
    ]);
  });

  test('paths lead through lists, unions and recursion', () => {
    expect(hasArgument(schema, 'transaction', 'actions.data.job-id')).toBe(true);
    expect(hasArgument(schema, 'blockdev-add', 'file.image.backing.node-name')).toBe(true);
    expect(enumValues(schema, 'blockdev-add', 'backing.driver')).toContain('qcow2');
    expect(enumValues(schema, 'qmp_capabilities', 'enable')).toEqual(['oob']);
  });

  test('every type of the schema can be read', () => {
    const types = [...schema.commands.values()].flatMap(({ args, returns }) => [args, returns]);
    const data = [...schema.events.values()].map((event) => event.data);
    for (const type of [...types, ...data]) expect(schema.type(type.name)).toBe(type);
    expect(schema.events.has('JOB_STATUS_CHANGE')).toBe(true);
  });

  test('the commands it lists are the commands it has', async () => {
    const listed = (await returned('query-commands')) as { name: string }[];
    expect(listed.length).toBeGreaterThan(50);
    for (const { name } of listed) expect(hasCommand(schema, name), name).toBe(true);
  });

  test('real replies conform, with a chain of nodes and a finished job in it', async () => {
    await returned('blockdev-add', { driver: 'null-co', 'node-name': 'base', size: 2 ** 20 });
    await returned('blockdev-add', { driver: 'raw', 'node-name': 'src', file: 'base' });
    await returned('blockdev-add', { driver: 'null-co', 'node-name': 'dst', size: 2 ** 20 });
    await returned('blockdev-mirror', { 'job-id': 'j0', device: 'src', target: 'dst', sync: 'full' });
    for (const name of [
      'query-version',
      'query-block-jobs',
      'query-jobs',
      'query-commands',
      'query-named-block-nodes',
    ]) {
      const reply = await returned(name);
      expect(conforms(schema, reply, schema.commands.get(name)!.returnsType), name).toEqual([]);
      if (name !== 'query-version') expect(reply).not.toEqual([]);
    }
    const schemaReply = await returned('query-qmp-schema');
    expect(conforms(schema, schemaReply, schema.commands.get('query-qmp-schema')!.returnsType)).toEqual([]);
  });

  test('real events conform', () => {
    const events = wire.seen.filter((message) => message.kind === 'event');
    expect(events.map(({ name }) => name)).toContain('JOB_STATUS_CHANGE');
    for (const { name, data } of events) {
      expect(conforms(schema, data, schema.events.get(name)!.dataType), name).toEqual([]);
    }
  });

  test('a tampered reply does not conform', async () => {
    const { returnsType } = schema.commands.get('query-version')!;
    const version = (await returned('query-version')) as { qemu: Record<string, Json>; package: Json };
    const tampered = { qemu: { ...version.qemu, major: '7' }, flavour: 'odd' };
    expect(
      conforms(schema, tampered, returnsType)
        .map(({ path, problem }) => `${path} ${problem}`)
        .sort(),
    ).toEqual(['flavour unexpected-member', 'package missing-member', 'qemu.major wrong-type']);
  });

  test('0xFF ends an open string, is answered by one parse error, and the next command works', async () => {
    const before = wire.seen.length;
    client.sendRaw(Buffer.from('{"execute": ["que'));
    client.sendRaw(resyncByte);
    await returned('query-version');
    const since = wire.seen.slice(before).filter(({ kind }) => kind !== 'event');
    expect(since).toMatchObject([
      { kind: 'reply', error: { class: 'GenericError', desc: expect.stringContaining('JSON parse error') } },
      { kind: 'reply', return: {} },
    ]);
    expect(since[0]).not.toHaveProperty('id');
  });

  test('an object comes back as id, whatever the order of its members', async () => {
    const id = { zeta: [1, -0, 1e300, null], alpha: 'é', midst: { y: 1, x: true } };
    const { reply } = client.command('query-version', {}, { id });
    expect(await reply).toMatchObject({ kind: 'reply', return: {} });
  });

  test('a thousand commands in one packet are answered in order', async () => {
    const sent = client.commands(Array.from({ length: 1000 }, () => ({ name: 'query-version' })));
    const before = wire.seen.length;
    await Promise.all(sent.map(({ reply }) => reply));
    const replies = wire.seen.slice(before).filter((message) => message.kind === 'reply');
    expect(replies.map(({ id }) => id)).toEqual(sent.map(({ id }) => id));
  });

  async function returned(name: string, given: Record<string, Json> = {}): Promise<Json> {
    const answer = await client.command(name, given).reply;
    if (answer.kind !== 'reply' || answer.return === undefined)
      throw new Error(`${name}: ${JSON.stringify(answer)}`);
    return answer.return;
  }
});
