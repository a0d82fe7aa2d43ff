import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { QmpMessage } from '../../src/qmp/message.ts';
import { allWell, type Bytes, greeting, type Outcome, ok, type Peer, peers } from './hostile-peers.ts';
import { openUnixWire } from './unix-wire.ts';

let dir: string;
let unhandledRejections = 0;
const countRejection = (): void => void unhandledRejections++;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'qmp-test-'));
  process.on('unhandledRejection', countRejection);
});
afterEach(async () => {
  await nextTurn(); // rejections are reported after the microtasks of a turn
  expect(unhandledRejections).toBe(0);
});
afterAll(async () => {
  process.off('unhandledRejection', countRejection);
  await rm(dir, { recursive: true });
});

test.each(peers)('a peer that $title', async (peer) => {
  const { outcomes, anomalies } = await converse(peer);
  expect(outcomes).toEqual(peer.outcomes ?? allWell);
  expect(anomalies).toHaveLength(peer.anomalies.length);
  expect(anomalies).toMatchObject(peer.anomalies);
});

test('replies out of order are seen in the order in which they came', async () => {
  const { seen } = await converse(peers.find(({ title }) => title === 'answers the later command first')!);
  expect(seen.flatMap((message) => (message.kind === 'reply' ? [message.id] : []))).toEqual([1, 'b', 'a']);
});

/** Leads one client through greeting, negotiation and two commands, and notes how each came out. */
async function converse(
  peer: Peer,
): Promise<{ outcomes: Outcome[]; seen: QmpMessage[]; anomalies: QmpMessage[] }> {
  const expected = peer.outcomes ?? allWell;
  const path = join(dir, `${peers.indexOf(peer)}`);
  const server = createServer({ allowHalfOpen: true }, (socket) => serve(peer, socket)).listen(path);
  await once(server, 'listening');
  const { client, seen, socket, closed } = openUnixWire(path);

  const outcomes: Outcome[] = [];
  const expectedMessages = new Set<unknown>();
  const note = async (pending: Promise<QmpMessage | { kind: 'disconnected' } | string>): Promise<Outcome> => {
    // Where silence is expected, a short deadline is enough to hear it; where not, no load may expire it.
    const deadlineMs = expected[outcomes.length] === 'expired' ? 100 : 20_000;
    const waiting = new AbortController();
    const deadline = sleep(deadlineMs, 'expired', waiting).catch(() => 'expired');
    const result = await Promise.race([pending, deadline]);
    waiting.abort();
    expectedMessages.add(result);
    outcomes.push((typeof result === 'string' ? result : result.kind) as Outcome);
    return outcomes.at(-1)!;
  };
  if ((await note(client.greeting)) === 'greeted') {
    expectedMessages.add(seen.find(({ kind }) => kind === 'greeting'));
    await note(client.negotiate());
    for (const { reply } of client.commands(['a', 'b'].map((id) => ({ name: 'query-status', id }))))
      await note(reply);
  }
  expect(client.inFlight()).toHaveLength(outcomes.slice(1).filter((outcome) => outcome === 'expired').length);

  socket.end(); // the peer answers with its own end, so all that it has sent arrives before
  await closed;
  server.close();
  await once(server, 'close');
  return { outcomes, seen, anomalies: seen.filter((message) => !expectedMessages.has(message)) };
}

function serve({ hello = greeting, a = ok('a'), b = ok('b') }: Peer, socket: Socket): void {
  const say = (what: Bytes | ((socket: Socket) => void)): void => {
    if (typeof what === 'function') what(socket);
    else if (what.length > 0) socket.write(what);
  };
  socket.on('error', () => {});
  say(hello);
  const lines = createInterface(socket);
  lines.on('line', (line) => {
    const { execute, id } = JSON.parse(line);
    if (socket.destroyed || socket.writableEnded) return;
    if (execute === 'qmp_capabilities') say(ok(id));
    else say(id === 'a' ? a : b);
  });
  lines.on('close', () => socket.end());
}
