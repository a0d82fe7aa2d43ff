import { isJsonObject } from '../../sequence/json-object.ts';
import type { Json } from '../../sequence/step.ts';
import { parseExactly, strictJson } from './exact-json.ts';
import type { Args } from './translation.ts';

/** What a client wrote, as it wrote it, and the command that it is, where it is one. */
export type ClientMessage = { bytes: Buffer; command?: ClientCommand };
export type ClientCommand = { name: string; args: Args; id?: Json };

/**
 * Cuts what a client writes where QEMU's json-streamer.c does: at the end of each value, with or without a newline.
 * Whatever is no whole value goes on as it is: what to say of it is for QEMU.
 */
export function cutMessages(take: (message: ClientMessage) => void): { receive(bytes: Buffer): void } {
  let held: Buffer[] = [];
  let braces = 0;
  let brackets = 0;
  let quote = 0;
  let escaped = false;

  return { receive };

  function receive(bytes: Buffer): void {
    let from = 0;
    for (let at = 0; at < bytes.length; at++) {
      if (!read(bytes[at] as number)) continue;
      // Its newline goes with it: a QEMU that quits with a byte unread resets the connection, and its answer is lost.
      while (isBlank(bytes[at + 1])) at++;
      emit(bytes.subarray(from, at + 1));
      from = at + 1;
    }
    const rest = bytes.subarray(from);
    if (rest.length === 0) return;
    if (isOpen()) held.push(rest);
    else emit(rest);
  }

  function emit(last: Buffer): void {
    const bytes = Buffer.concat([...held, last]);
    held = [];
    const command = readCommand(bytes);
    take(command ? { bytes, command } : { bytes });
  }

  /** Takes in one byte; whether what is held ends with it. */
  function read(byte: number): boolean {
    if (byte < 0x20 && quote === 0) return byte === lineFeed && !isOpen();
    // Neither can stand in a string or between tokens: QEMU's lexer drops what was open and starts afresh.
    if (byte < 0x20 || byte >= 0xf5) return reset();
    if (escaped) escaped = false;
    else if (quote !== 0) {
      if (byte === backslash) escaped = true;
      if (byte === quote) quote = 0;
    } else if (byte === 0x22 || byte === 0x27) quote = byte;
    else if (byte in nesting) return nest(byte);
    return false;
  }

  function nest(byte: number): boolean {
    const { brace = 0, bracket = 0 } = nesting[byte] ?? {};
    braces += brace;
    brackets += bracket;
    if (braces < 0 || brackets < 0) return reset();
    return !isOpen();
  }

  function reset(): true {
    braces = brackets = quote = 0;
    escaped = false;
    return true;
  }

  function isOpen(): boolean {
    return braces > 0 || brackets > 0 || quote !== 0;
  }
}

const isBlank = (byte: number | undefined): boolean =>
  byte !== undefined && ' \t\r\n'.includes(String.fromCharCode(byte));

const lineFeed = 0x0a;
const backslash = 0x5c;
const nesting: Record<number, { brace?: number; bracket?: number }> = {
  123: { brace: 1 },
  125: { brace: -1 },
  91: { bracket: 1 },
  93: { bracket: -1 },
};

/** undefined for everything that QEMU itself must answer: other members, other types, no JSON, out of band. */
function readCommand(bytes: Buffer): ClientCommand | undefined {
  let value: Json;
  try {
    value = parseExactly(strictJson(bytes.toString()));
  } catch {
    return undefined;
  }
  if (!isJsonObject(value) || typeof value.execute !== 'string') return undefined;
  const { execute: name, arguments: args = {}, id, ...others } = value;
  if (!isJsonObject(args) || Object.keys(others).length > 0) return undefined;
  return { name, args, ...(id === undefined ? {} : { id }) };
}
