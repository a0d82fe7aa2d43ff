import type { Socket } from 'node:net';
import { maxLineBytes } from '../../src/qmp/limits.ts';

/**
 * A broken QMP server. Without anything said it greets, accepts the negotiation and answers both commands, `a`
 * and `b`, that the client then sends in one packet.
 */
export type Peer = {
  title: string;
  /** What it says or does first, instead of the greeting. */
  hello?: Bytes | ((socket: Socket) => void);
  /** What it says or does on `a` and on `b`, instead of replying. */
  a?: Bytes | ((socket: Socket) => void);
  b?: Bytes | ((socket: Socket) => void);
  /** How the greeting, the negotiation, `a` and `b` come out for a caller with a deadline; all well by default. */
  outcomes?: Outcome[];
  /** What is seen beside the greeting and the replies that somebody waited for. */
  anomalies: object[];
};
export type Bytes = string | Buffer;
export type Outcome = 'greeted' | 'reply' | 'disconnected' | 'expired';

export const greeting = `${JSON.stringify({ QMP: { version: { qemu: { major: 7, minor: 2, micro: 22 } }, capabilities: [] } })}\r\n`;
export const allWell: Outcome[] = ['greeted', 'reply', 'reply', 'reply'];
const aUnanswered: Outcome[] = ['greeted', 'reply', 'expired', 'reply'];
const notAMessage = { kind: 'foreign', what: 'not-a-message' };
const unparsable = { kind: 'foreign', what: 'unparsable' };
const truncated = { kind: 'foreign', what: 'truncated' };

export const peers: Peer[] = [
  { title: 'closes at once', hello: (socket) => socket.end(), outcomes: ['disconnected'], anomalies: [] },
  { title: 'says nothing', hello: '', outcomes: ['expired'], anomalies: [] },
  {
    title: 'greets as another protocol',
    hello: 'SSH-2.0-OpenSSH_9.2\r\n',
    outcomes: ['expired'],
    anomalies: [unparsable],
  },
  {
    title: 'greets without a version',
    hello: '{"QMP": "hello"}\r\n',
    outcomes: ['expired'],
    anomalies: [notAMessage],
  },
  {
    title: 'closes in the middle of its greeting',
    hello: (socket) => socket.end(greeting.slice(0, 20)),
    outcomes: ['disconnected'],
    anomalies: [{ ...truncated, text: greeting.slice(0, 20), sizeBytes: 20 }],
  },
  {
    title: 'prints a warning before its greeting',
    hello: `warning: no KVM\r\n${greeting}`,
    anomalies: [{ ...unparsable, text: 'warning: no KVM', sizeBytes: 15 }],
  },
  {
    title: 'sends an event before its greeting',
    hello: event('RESUME') + greeting,
    anomalies: [{ kind: 'event', name: 'RESUME' }],
  },
  { title: 'greets again', a: greeting + ok('a'), anomalies: [{ kind: 'greeting' }] },
  {
    title: 'sends 100,000 events before a reply',
    a: event('STOP').repeat(100_000) + ok('a'),
    anomalies: Array.from({ length: 100_000 }, () => ({ kind: 'event', name: 'STOP' })),
  },
  {
    title: 'never answers',
    a: '',
    b: '',
    outcomes: ['greeted', 'reply', 'expired', 'expired'],
    anomalies: [],
  },
  {
    title: 'leaves the id out',
    a: '{"return": {}}\r\n',
    outcomes: aUnanswered,
    anomalies: [{ kind: 'reply', return: {} }],
  },
  {
    title: 'answers somebody else',
    a: ok('nobody'),
    outcomes: aUnanswered,
    anomalies: [{ kind: 'reply', id: 'nobody', return: {} }],
  },
  {
    title: 'gives the id back as another type',
    a: '{"return": {}, "id": ["a"]}\r\n',
    outcomes: aUnanswered,
    anomalies: [{ kind: 'reply', id: ['a'], return: {} }],
  },
  { title: 'answers twice', a: ok('a').repeat(2), anomalies: [{ kind: 'reply', id: 'a', return: {} }] },
  { title: 'answers the later command first', a: '', b: ok('b') + ok('a'), anomalies: [] },
  {
    title: 'sends a line without end',
    a: Buffer.alloc(maxLineBytes + 2 ** 20, 'x'),
    b: '',
    outcomes: ['greeted', 'reply', 'expired', 'expired'],
    anomalies: [{ kind: 'foreign', what: 'overlong', sizeBytes: maxLineBytes }],
  },
  {
    title: 'closes in the middle of a reply',
    a: (socket) => socket.end('{"return": {"sta'),
    b: '',
    outcomes: ['greeted', 'reply', 'disconnected', 'disconnected'],
    anomalies: [{ ...truncated, text: '{"return": {"sta', sizeBytes: 16 }],
  },
  {
    title: 'breaks off with commands in flight',
    a: (socket) => socket.destroy(),
    b: '',
    outcomes: ['greeted', 'reply', 'disconnected', 'disconnected'],
    anomalies: [],
  },
  {
    title: 'puts NUL bytes before a reply',
    a: `\0\0${ok('a')}`,
    outcomes: aUnanswered,
    anomalies: [unparsable],
  },
  {
    title: 'sends invalid UTF-8 within a string',
    a: Buffer.from('{"return": "\xfe", "id": "a"}\r\n', 'latin1'),
    outcomes: aUnanswered,
    anomalies: [{ ...unparsable, sizeBytes: 26 }],
  },
  {
    title: 'opens 100,000 brackets',
    a: `${'['.repeat(100_000)}\r\n`,
    outcomes: aUnanswered,
    anomalies: [{ ...unparsable, sizeBytes: 100_000 }],
  },
  {
    title: 'nests a reply 100,000 deep',
    a: `{"return": ${'['.repeat(100_000)}${']'.repeat(100_000)}, "id": "a"}\r\n`,
    outcomes: aUnanswered,
    anomalies: [unparsable],
  },
  {
    title: 'glues two messages without a line end',
    a: ok('a').trimEnd() + ok('a'),
    outcomes: aUnanswered,
    anomalies: [unparsable],
  },
  {
    title: 'sends byte by byte',
    hello: bytewise(greeting),
    a: '',
    b: bytewise(ok('a') + ok('b')),
    anomalies: [],
  },
  {
    title: 'ends lines with LF only',
    hello: greeting.replace('\r', ''),
    a: ok('a').replace('\r', ''),
    anomalies: [],
  },
  {
    title: 'echoes an infinite number',
    a: '{"return": {}, "id": inf}\r\n',
    outcomes: aUnanswered,
    anomalies: [{ ...unparsable, text: '{"return": {}, "id": inf}' }],
  },
  {
    title: 'fails without an error class',
    a: '{"error": {"desc": "no"}, "id": "a"}\r\n',
    outcomes: aUnanswered,
    anomalies: [notAMessage],
  },
  {
    title: 'succeeds and fails at once',
    a: '{"return": {}, "error": {"class": "GenericError", "desc": "no"}, "id": "a"}\r\n',
    outcomes: aUnanswered,
    anomalies: [notAMessage],
  },
  {
    title: 'sends an event whose data is no object',
    a: event('STOP', 'data') + ok('a'),
    anomalies: [{ ...notAMessage, text: event('STOP', 'data').trimEnd() }],
  },
  {
    title: 'answers with a list',
    a: `[${ok('a').trimEnd()}]\r\n`,
    outcomes: aUnanswered,
    anomalies: [notAMessage],
  },
];

export function ok(id: unknown): string {
  return `${JSON.stringify({ return: {}, id })}\r\n`;
}

function event(name: string, data: unknown = {}): string {
  return `${JSON.stringify({ timestamp: { seconds: 1_700_000_000, microseconds: 0 }, event: name, data })}\r\n`;
}

/** Writes each byte in a turn of its own. */
function bytewise(text: string): (socket: Socket) => void {
  return (socket) => {
    const rest = [...Buffer.from(text)];
    const next = (): void => {
      const byte = rest.shift();
      if (byte !== undefined && !socket.writableEnded)
        socket.write(Buffer.of(byte), () => setImmediate(next));
    };
    socket.setNoDelay(true);
    next();
  };
}
