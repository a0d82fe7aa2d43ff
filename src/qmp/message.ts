import { isJsonObject, type JsonObject } from '../sequence/json-object.ts';
import type { Json } from '../sequence/step.ts';
import { foreignTextBytes } from './limits.ts';

/** One thing that came from the peer, as qmp-spec.txt divides them; `foreign` is what the specification has no name for. */
export type QmpMessage = QmpGreeting | QmpReply | QmpEvent | QmpForeign;

/** `message` is the whole of it: `{"QMP": {"version": …, "capabilities": […]}}`. */
export type QmpGreeting = { kind: 'greeting'; message: Json };

/** `id` is absent where QEMU sent none (errors of the parser). Either `return` or `error` is there, never both. */
export type QmpReply = { kind: 'reply'; id?: Json; return?: Json; error?: { class: string; desc: string } };

/** `qemuUs`: QEMU's own timestamp, microseconds since the epoch; -1 where QEMU gave no time. */
export type QmpEvent = { kind: 'event'; name: string; data: Record<string, Json>; qemuUs: number };

/** `text` is cut to `limits`; `sizeBytes` is the line's real length without its end, for `overlong` the limit it went over. */
export type QmpForeign = {
  kind: 'foreign';
  what: 'unparsable' | 'not-a-message' | 'overlong' | 'truncated';
  text: string;
  sizeBytes: number;
};

/** What a JSON value from the monitor is. `line`: the bytes it was read from, quoted where it is no message. */
export function classify(value: Json, line: Buffer = Buffer.from(JSON.stringify(value))): QmpMessage {
  return asMessage(value) ?? foreign('not-a-message', line);
}

/** Bytes that are no message. */
export function foreign(what: QmpForeign['what'], bytes: Buffer, sizeBytes = bytes.length): QmpForeign {
  return { kind: 'foreign', what, text: bytes.toString('utf8', 0, foreignTextBytes), sizeBytes };
}

function asMessage(value: Json): QmpMessage | undefined {
  if (!isJsonObject(value)) return undefined;
  // Unknown members are allowed everywhere (qmp-spec.txt, "Compatibility considerations"), two kinds at once are not.
  const kinds = messageKinds.filter((kind) => Object.hasOwn(value, kind));
  if (kinds.length !== 1) return undefined;
  switch (kinds[0]!) {
    case 'QMP':
      return isGreeting(value.QMP) ? { kind: 'greeting', message: value } : undefined;
    case 'return':
      return { kind: 'reply', ...idOf(value), return: value.return! };
    case 'error':
      return failure(value);
    case 'event':
      return event(value);
  }
}

const messageKinds = ['return', 'error', 'event', 'QMP'] as const;

function isGreeting(qmp: Json | undefined): boolean {
  return isJsonObject(qmp) && isJsonObject(qmp.version) && Array.isArray(qmp.capabilities);
}

function failure(value: JsonObject): QmpReply | undefined {
  if (!isJsonObject(value.error)) return undefined;
  const { class: errorClass, desc } = value.error;
  if (typeof errorClass !== 'string' || typeof desc !== 'string') return undefined;
  return { kind: 'reply', ...idOf(value), error: { class: errorClass, desc } };
}

function event({ event: name, data = {}, timestamp }: JsonObject): QmpEvent | undefined {
  if (typeof name !== 'string' || !isJsonObject(data) || !isJsonObject(timestamp)) return undefined;
  const { seconds, microseconds } = timestamp;
  if (typeof seconds !== 'number' || typeof microseconds !== 'number') return undefined;
  return { kind: 'event', name, data, qemuUs: seconds < 0 ? -1 : seconds * 1_000_000 + microseconds };
}

function idOf(value: JsonObject): { id?: Json } {
  return Object.hasOwn(value, 'id') ? { id: value.id! } : {};
}
