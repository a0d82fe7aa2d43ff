import type { Json } from '../sequence/step.ts';
import { createFramer } from './framing.ts';
import type { QmpMessage, QmpReply } from './message.ts';

/** What the client needs of the world. `seen` gets every message, synchronously, in the order of arrival. */
export type QmpWire = { write(bytes: string | Buffer): void; seen(message: QmpMessage): void };

/**
 * One monitor connection without the connection: bytes in by `receive`, bytes out by `write`. No promise of it
 * ever rejects, and none has a deadline: a peer that stays silent leaves it pending until `end`.
 */
export type QmpClient = {
  receive(chunk: Buffer): void;
  /** The peer is gone: an unfinished line is seen as `truncated`, whatever is pending is `disconnected`. */
  end(): void;
  greeting: Promise<'greeted' | 'disconnected'>;
  /** `qmp_capabilities`; it does not wait for the greeting. */
  negotiate(options?: { oob?: boolean }): Promise<ReplyOrEnd>;
  command(name: string, args?: Args, options?: { id?: Json; oob?: boolean }): SentCommand;
  /** Several commands in one write, so that QEMU may find them in one packet. */
  commands(commands: readonly QmpCommand[]): SentCommand[];
  /** Bytes as they are, well-formed or not; replies to them are only seen. */
  sendRaw(bytes: Buffer): void;
  /** Ids of the commands without a reply yet, oldest first. */
  inFlight(): Json[];
  /** Nobody waits any more for what is in flight, and its ids may be used again: damaged bytes swallow a command for good. */
  forget(): void;
};

export type Args = Record<string, Json>;
export type QmpCommand = { name: string; args?: Args; id?: Json; oob?: boolean };
export type SentCommand = { id: Json; reply: Promise<ReplyOrEnd> };
export type ReplyOrEnd = QmpReply | Disconnected;
export type Disconnected = { kind: 'disconnected' };

export function createQmpClient({ write, seen }: QmpWire): QmpClient {
  const greeting = Promise.withResolvers<'greeted' | 'disconnected'>();
  const framer = createFramer(take);
  const waiting: Waiting[] = [];
  let lastId = 0;
  let ended = false;

  return {
    receive: framer.receive,
    end,
    greeting: greeting.promise,
    negotiate: ({ oob = false } = {}) =>
      send({ name: 'qmp_capabilities', args: oob ? { enable: ['oob'] } : {} }).reply,
    command: (name, args, options) => send({ name, ...(args && { args }), ...options }),
    commands,
    sendRaw,
    inFlight: () => waiting.map(({ id }) => id),
    forget,
  };

  function send(command: QmpCommand): SentCommand {
    return commands([command])[0]!;
  }

  function commands(wanted: readonly QmpCommand[]): SentCommand[] {
    let text = '';
    const sent = wanted.map(({ name, args, id = freshId(), oob }) => {
      text += encodeCommand(name, args, id, oob);
      return { id, reply: replyTo(id) };
    });
    if (!ended && text !== '') write(text);
    return sent;
  }

  function replyTo(id: Json): SentCommand['reply'] {
    if (ended) return Promise.resolve({ kind: 'disconnected' });
    const { promise, resolve } = Promise.withResolvers<ReplyOrEnd>();
    waiting.push({ id, key: canonical(id), resolve });
    return promise;
  }

  function freshId(): number {
    do lastId++;
    while (waiting.some(({ id }) => id === lastId));
    return lastId;
  }

  function sendRaw(bytes: Buffer): void {
    if (!ended) write(bytes);
  }

  function take(message: QmpMessage): void {
    seen(message);
    if (message.kind === 'greeting') greeting.resolve('greeted');
    if (message.kind === 'reply') settle(message);
  }

  /** A reply nobody waits for (no id, unknown id, second of its kind) has been seen, and that is all. */
  function settle(reply: QmpReply): void {
    if (reply.id === undefined) return;
    const key = canonical(reply.id);
    const index = waiting.findIndex((entry) => entry.key === key);
    if (index !== -1) waiting.splice(index, 1)[0]!.resolve(reply);
  }

  function end(): void {
    if (ended) return;
    ended = true;
    framer.end();
    greeting.resolve('disconnected');
    forget();
  }

  function forget(): void {
    for (const { resolve } of waiting.splice(0)) resolve({ kind: 'disconnected' });
  }
}

/**
 * A command as it goes over the wire, newline included, so that several can be glued together. Empty arguments are left
 * out: QEMU reads a byte per main-loop turn, and a query is answered a third sooner without them.
 */
export function encodeCommand(name: string, args: Args = {}, id?: Json, oob = false): string {
  const given = Object.keys(args).length > 0 ? { arguments: args } : {};
  return `${JSON.stringify({ [oob ? 'exec-oob' : 'execute']: name, ...given, id })}\n`;
}

type Waiting = { id: Json; key: string; resolve(answer: ReplyOrEnd): void };

/** Equal for ids that are the same JSON: QEMU gives an object's members back in its own order, and -0 as 0. */
function canonical(id: Json): string {
  if (typeof id === 'string') return JSON.stringify(id);
  return JSON.stringify(id, (_key, value: Json) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}
