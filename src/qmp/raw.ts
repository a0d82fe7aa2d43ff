import { isUtf8 } from 'node:buffer';
import { UsageError } from '../errors.ts';
import type { RawPiece } from '../sequence/step.ts';
import { maxRawBytes } from './limits.ts';

/**
 * The byte that ends whatever a hostile sequence left open. 0xFF can't occur in UTF-8: QEMU's lexer answers it,
 * within an unclosed string or bracket as well as outside, with exactly one `JSON parse error, stray '\ufffd'`,
 * drops what was open, and reads the next byte as the start of a new value (json-lexer.c; all of 5.2 to 11.1).
 */
export const resyncByte: Buffer = Buffer.of(0xff);

/** The bytes that a `raw` step puts on the monitor. Throws UsageError where they are more than `maxRawBytes`. */
export function rawBytes(pieces: RawPiece | RawPiece[]): Buffer {
  const all = Array.isArray(pieces) ? pieces : [pieces];
  const sizeBytes = all.reduce((sum, piece) => sum + pieceBytes(piece), 0);
  if (sizeBytes > maxRawBytes) {
    throw new UsageError(`a raw step of ${sizeBytes} bytes`, `send at most ${maxRawBytes} bytes in one step`);
  }
  return Buffer.concat(all.map(encode));
}

/** The packets that `bytes` make when cut at these offsets; offsets at or beyond either end cut nothing. */
export function splitBytes(bytes: Buffer, splitAt: readonly number[]): Buffer[] {
  const inside = splitAt.filter((offset) => offset > 0 && offset < bytes.length);
  const cuts = [...new Set(inside)].sort((a, b) => a - b);
  return [0, ...cuts].map((from, index) => bytes.subarray(from, cuts[index] ?? bytes.length));
}

/** Bytes for a trace: as text where that gives the same bytes back, else as base64. */
export function rawText(bytes: Buffer): { text: string } | { base64: string } {
  return isUtf8(bytes) ? { text: bytes.toString() } : { base64: bytes.toString('base64') };
}

function encode(piece: RawPiece): Buffer {
  if (typeof piece === 'string') return Buffer.from(piece);
  if ('base64' in piece) return Buffer.from(piece.base64, 'base64');
  return Buffer.alloc(pieceBytes(piece), piece.repeat);
}

function pieceBytes(piece: RawPiece): number {
  if (typeof piece === 'string') return Buffer.byteLength(piece);
  if ('base64' in piece) return Buffer.byteLength(piece.base64, 'base64');
  return Buffer.byteLength(piece.repeat) * piece.times;
}
