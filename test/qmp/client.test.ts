import { expect, test } from 'vitest';
import { createQmpClient, encodeCommand } from '../../src/qmp/client.ts';
import type { QmpMessage } from '../../src/qmp/message.ts';

test('a command goes out as one line and settles with the reply of its id', async () => {
  const { client, written, receive } = connect();
  const { id, reply } = client.command('job-cancel', { id: 'j0' });
  expect(written).toEqual([`{"execute":"job-cancel","arguments":{"id":"j0"},"id":${id}}\n`]);
  receive({ return: {}, id });
  expect(await reply).toEqual({ kind: 'reply', id, return: {} });
});

test('replies find their commands in any order', async () => {
  const { client, receive } = connect();
  const first = client.command('query-jobs');
  const second = client.command('query-version');
  expect(client.inFlight()).toEqual([first.id, second.id]);
  receive({ return: 'second', id: second.id });
  expect(client.inFlight()).toEqual([first.id]);
  receive({ error: { class: 'GenericError', desc: 'no' }, id: first.id });
  expect(await second.reply).toMatchObject({ return: 'second' });
  expect(await first.reply).toMatchObject({ error: { desc: 'no' } });
  expect(client.inFlight()).toEqual([]);
});

test('what is forgotten is over, and the reply to its id belongs to whoever uses the id next', async () => {
  const { client, receive } = connect();
  const swallowed = client.command('query-jobs', {}, { id: -9 });
  client.forget();
  expect(await swallowed.reply).toEqual({ kind: 'disconnected' });
  const next = client.command('query-jobs', {}, { id: -9 });
  receive({ return: 'next', id: -9 });
  expect(await next.reply).toMatchObject({ return: 'next' });
});

test('ids are equal as JSON: member order and the sign of zero do not count', async () => {
  const { client, receive } = connect();
  const object = client.command('query-jobs', {}, { id: { b: [1, { y: 0, x: null }], a: 'é' } });
  const zero = client.command('query-jobs', {}, { id: -0 });
  receive({ return: 1, id: { a: 'é', b: [1, { x: null, y: 0 }] } });
  receive({ return: 2, id: 0 });
  expect(await object.reply).toMatchObject({ return: 1 });
  expect(await zero.reply).toMatchObject({ return: 2 });
});

test('null is an id like any other', async () => {
  const { client, receive } = connect();
  const { reply } = client.command('query-jobs', {}, { id: null });
  receive({ return: 1, id: null });
  expect(await reply).toEqual({ kind: 'reply', id: null, return: 1 });
});

test('two commands with one id are answered in the order they were sent', async () => {
  const { client, receive } = connect();
  const first = client.command('query-jobs', {}, { id: 'same' });
  const second = client.command('query-jobs', {}, { id: 'same' });
  receive({ return: 1, id: 'same' }, { return: 2, id: 'same' });
  expect(await first.reply).toMatchObject({ return: 1 });
  expect(await second.reply).toMatchObject({ return: 2 });
});

test('a generated id is none that is in flight', () => {
  const { client } = connect();
  const { id: first } = client.command('query-jobs');
  client.command('query-jobs', {}, { id: Number(first) + 1 });
  const { id: next } = client.command('query-jobs');
  expect(next).not.toBe(first);
  expect(next).not.toBe(Number(first) + 1);
});

test('several commands go out in one write', async () => {
  const { client, written, receive } = connect();
  const sent = client.commands([
    { name: 'job-pause', args: { id: 'j0' }, id: 'p' },
    { name: 'job-resume', args: { id: 'j0' }, oob: true },
  ]);
  expect(written).toEqual([
    encodeCommand('job-pause', { id: 'j0' }, 'p') +
      encodeCommand('job-resume', { id: 'j0' }, sent[1]!.id, true),
  ]);
  expect(written[0]).toContain('"exec-oob":"job-resume"');
  receive(...sent.map(({ id }) => ({ return: {}, id })));
  expect(await Promise.all(sent.map(({ reply }) => reply))).toMatchObject([{ id: 'p' }, { id: sent[1]!.id }]);
});

test('negotiation asks for out-of-band only where wanted', async () => {
  const { client, written, receive } = connect();
  const plain = client.negotiate();
  const [id] = client.inFlight();
  const oob = client.negotiate({ oob: true });
  expect(JSON.parse(written[0]!)).toMatchObject({ execute: 'qmp_capabilities' });
  expect(JSON.parse(written[1]!)).toMatchObject({ arguments: { enable: ['oob'] } });
  receive({ return: {}, id: id! }, { return: {}, id: client.inFlight().at(-1)! });
  expect(await Promise.all([plain, oob])).toMatchObject([{ return: {} }, { return: {} }]);
});

test('every message is seen, in order, before any promise about it settles', async () => {
  const { client, receive, log } = connect();
  const greeted = client.greeting.then(() => log.push('greeted'));
  const { id, reply } = client.command('query-jobs');
  const replied = reply.then(() => log.push('settled'));
  const timestamp = { seconds: 1, microseconds: 0 };
  receive(
    { QMP: { version: {}, capabilities: [] } },
    { event: 'STOP', timestamp },
    { return: {}, id },
    { event: 'RESUME', timestamp },
  );
  await Promise.all([greeted, replied]);
  expect(log).toEqual(['greeting', 'event', 'reply', 'event', 'greeted', 'settled']);
});

test('a parse error has no id and settles nothing', () => {
  const { client, receive, log } = connect();
  client.sendRaw(Buffer.of(0xff));
  client.command('query-jobs');
  receive({ error: { class: 'GenericError', desc: 'JSON parse error, stray' } });
  expect(log).toEqual(['reply']);
  expect(client.inFlight()).toHaveLength(1);
});

test('when the peer is gone, what is pending and what comes later is disconnected', async () => {
  const { client, written, seen } = connect();
  const { reply } = client.command('query-jobs');
  client.receive(Buffer.from('{"return": '));
  client.end();
  client.end();
  const later = client.command('query-version');
  client.sendRaw(Buffer.of(0xff));
  expect(await client.greeting).toBe('disconnected');
  expect(await reply).toEqual({ kind: 'disconnected' });
  expect(await later.reply).toEqual({ kind: 'disconnected' });
  expect(seen).toEqual([{ kind: 'foreign', what: 'truncated', text: '{"return": ', sizeBytes: 11 }]);
  expect(written).toHaveLength(1);
  expect(client.inFlight()).toEqual([]);
});

test('ending from within seen settles every promise once', async () => {
  const client = createQmpClient({ write: () => {}, seen: () => client.end() });
  const { id, reply } = client.command('query-jobs');
  client.receive(Buffer.from(`${JSON.stringify({ return: {}, id })}\r\n`));
  expect(await reply).toEqual({ kind: 'disconnected' });
});

/** A client on a wire that only remembers. */
function connect() {
  const written: string[] = [];
  const seen: QmpMessage[] = [];
  const log: string[] = [];
  const client = createQmpClient({
    write: (bytes) => written.push(String(bytes)),
    seen: (message) => {
      seen.push(message);
      log.push(message.kind);
    },
  });
  const receive = (...messages: object[]): void =>
    client.receive(Buffer.from(messages.map((message) => `${JSON.stringify(message)}\r\n`).join('')));
  return { client, written, seen, log, receive };
}
