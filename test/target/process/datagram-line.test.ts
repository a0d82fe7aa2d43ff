import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import type { Json } from '../../../src/sequence/step.ts';
import { openDatagramLine } from '../../../src/target/process/datagram-line.ts';
import type { Session, SessionSeen } from '../../../src/target/process/live-session.ts';
import { startSession } from '../../../src/target/process/session.ts';
import { onEveryQemu } from '../../real/qemus.ts';
import { temporaryDir } from '../temporary.ts';

onEveryQemu((driven) => {
  const started = async () => {
    const session = await startSession({ ...driven, dir: temporaryDir(), line: 'datagrams' });
    onTestFinished(() => session.stop());
    const seen: SessionSeen[] = [];
    session.observe((each) => seen.push(each));
    return { session, seen };
  };

  test('many commands in one packet, longer than QEMU takes of a datagram, are answered in order', async () => {
    const { session, seen } = await started();
    const ids = Array.from({ length: 400 }, (_, i) => `number ${i}`);
    const sent = session.client.commands(ids.map((id) => ({ name: 'query-jobs', id })));
    for (const { reply } of sent) expect(await reply).toMatchObject({ kind: 'reply', return: [] });
    expect(seen.map((each) => (each.kind === 'reply' ? each.id : each))).toEqual(ids);
    expect(session.lost()).toBe(0);
  });

  test("a job's events come in the order in which a stream has them", async () => {
    const { session, seen } = await started();
    const streamed = await startSession({ ...driven, dir: temporaryDir() });
    onTestFinished(() => streamed.stop());
    const seenStreamed: SessionSeen[] = [];
    streamed.observe((each) => seenStreamed.push(each));
    expect(await statusesOfABackup(session, seen)).toEqual(await statusesOfABackup(streamed, seenStreamed));
  });

  test('what QEMU says before its end is heard before its end', async () => {
    const { session, seen } = await started();
    session.expectExit();
    session.client.commands([
      { name: 'query-jobs', id: 1 },
      { name: 'quit', id: 2 },
    ]);
    await session.exit;
    const kinds = seen.map(({ kind }) => kind).filter((kind) => kind !== 'event' && kind !== 'stderr');
    expect(kinds).toEqual(['reply', 'reply', 'disconnect', 'exit']);
    expect(await session.client.command('query-jobs').reply).toEqual({ kind: 'disconnected' });
  });
});

async function statusesOfABackup({ client }: Session, seen: readonly SessionSeen[]): Promise<unknown[]> {
  const ask = (name: string, args: Record<string, Json>) => client.command(name, args).reply;
  const nodes = ['a', 'b'].map((name) => ({ driver: 'null-co', 'node-name': name, size: 65_536 }));
  for (const node of nodes) expect(await ask('blockdev-add', node)).not.toHaveProperty('error');
  const backup = { 'job-id': 'j', device: 'a', target: 'b', sync: 'full' };
  expect(await ask('blockdev-backup', backup)).not.toHaveProperty('error');
  const statuses = () =>
    seen.flatMap((each) => (each.kind === 'event' && 'status' in each.data ? [each.data.status] : []));
  await expect.poll(statuses).toContain('null');
  return statuses();
}

test('what there was no room for is counted', async () => {
  const line = await openDatagramLine();
  const peer = createSocket('udp4');
  onTestFinished(() => void peer.close());
  const port = Number(/port=(\d+)/.exec(line.chardev)?.[1]);
  peer.connect(port, '127.0.0.1');
  await once(peer, 'connect');
  peer.send('{"QMP": {}}\n');
  const wire = await line.wire;
  onTestFinished(wire.destroy);
  const heard: number[] = [];
  wire.hear({ data: (bytes) => void heard.push(bytes.length), closed: () => {} });
  const sent = 30_000;
  for (let each = 0; each < sent; each++) peer.send('x'.repeat(500)); // in one turn: nobody reads meanwhile
  await expect.poll(() => heard.length + wire.lost()).toBe(sent + 1);
  expect(wire.lost()).toBeGreaterThan(0);
});
