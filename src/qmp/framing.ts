import { isUtf8 } from 'node:buffer';
import type { Json } from '../sequence/step.ts';
import { keptLineBufferBytes, maxLineBytes, maxNestingLevels } from './limits.ts';
import { classify, foreign, type QmpMessage } from './message.ts';

/** `receive` takes bytes as they come, however cut; `end` says that no more will, and what comes after it is dropped. */
export type Framer = { receive(chunk: Buffer): void; end(): void };

/**
 * Cuts a monitor's byte stream into messages and hands each to `take` at once, in order. QEMU ends every message
 * with CR LF and escapes newlines within, so a line is a message. A line over `maxBytes` gives one `overlong`
 * as soon as that is known, and the rest of it is dropped.
 */
export function createFramer(take: (message: QmpMessage) => void, maxBytes = maxLineBytes): Framer {
  let held: Buffer = Buffer.alloc(0); // the start of a line whose end has not come yet, room included
  let heldBytes = 0;
  let skipping = false;
  let ended = false;

  return { receive, end };

  function receive(chunk: Buffer): void {
    let from = 0;
    while (!ended && from < chunk.length) {
      const newline = chunk.indexOf(lineFeed, from);
      if (newline === -1) {
        hold(chunk.subarray(from));
        return;
      }
      finishLine(chunk.subarray(from, newline));
      from = newline + 1;
    }
  }

  function end(): void {
    if (ended) return;
    ended = true;
    const rest = withoutCarriageReturn(held.subarray(0, heldBytes));
    heldBytes = 0;
    if (rest.length > 0) take(foreign('truncated', rest));
  }

  function finishLine(piece: Buffer): void {
    if (heldBytes === 0 && !skipping && piece.length <= maxBytes) {
      takeLine(piece); // nearly every line comes whole: no copy
      return;
    }
    hold(piece);
    const line = held.subarray(0, heldBytes);
    heldBytes = 0;
    if (held.length > keptLineBufferBytes) held = Buffer.alloc(0);
    if (skipping) skipping = false;
    else takeLine(line);
  }

  function takeLine(line: Buffer): void {
    const message = readLine(withoutCarriageReturn(line));
    if (message !== undefined) take(message);
  }

  function hold(piece: Buffer): void {
    if (skipping) return;
    const sizeBytes = heldBytes + piece.length;
    if (sizeBytes > maxBytes) {
      const start = Buffer.concat([held.subarray(0, heldBytes), piece], Math.min(sizeBytes, maxBytes));
      heldBytes = 0;
      skipping = true;
      take(foreign('overlong', start, maxBytes));
      return;
    }
    if (sizeBytes > held.length) {
      const grown = Buffer.allocUnsafe(Math.max(sizeBytes, 2 * held.length)); // doubling: linear cost over all
      held.copy(grown, 0, 0, heldBytes);
      held = grown;
    }
    piece.copy(held, heldBytes);
    heldBytes = sizeBytes;
  }
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

function readLine(line: Buffer): QmpMessage | undefined {
  if (line.length === 0) return undefined;
  // Bytes that are not UTF-8 would silently become U+FFFD; QEMU itself sends ASCII only.
  const value = isUtf8(line) ? parse(line.toString()) : undefined;
  return value === undefined ? foreign('unparsable', line) : classify(value, line);
}

/** undefined for what is not JSON, as `"id": inf` (QEMU's echo of 1e400), or is nested beyond all reason. */
function parse(text: string): Json | undefined {
  try {
    const value = JSON.parse(text) as Json;
    const mayBeDeep = text.length > 2 * maxNestingLevels;
    return mayBeDeep && isDeeperThan(maxNestingLevels, value) ? undefined : value;
  } catch {
    return undefined;
  }
}

function isDeeperThan(levels: number, value: Json): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  const inner = Array.isArray(value) ? value : Object.values(value);
  return inner.some((member) => isDeeperThan(levels - 1, member));
}

function withoutCarriageReturn(line: Buffer): Buffer {
  return line.at(-1) === carriageReturn ? line.subarray(0, -1) : line;
}
