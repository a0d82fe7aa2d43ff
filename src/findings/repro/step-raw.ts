import { rawBytes, splitBytes } from '../../qmp/raw.ts';
import type { RawPiece } from '../../sequence/step.ts';
import type { Action } from './plan.ts';
import { quote } from './shell.ts';

/** Bytes for the monitor as they are; then 0xFF, which ends whatever they left open, and a command to hear it answer. */
export function rawLines({ step, resync }: Extract<Action, { do: 'raw' }>): string[] {
  const pieces = Array.isArray(step.raw) ? step.raw : [step.raw];
  const repeated = pieces.some((piece) => typeof piece === 'object' && 'repeat' in piece);
  const sent =
    repeated || step.splitAt === undefined
      ? pieces.map((piece) => `${printed(piece)} >&3`)
      : splitBytes(rawBytes(step.raw), step.splitAt).map((packet) => `printf ${escaped(packet)} >&3`);
  return [...sent, ...(resync ? [`printf '\\xff' >&3`, `qmp '{"execute": "query-version"}'`] : [])];
}

function printed(piece: RawPiece): string {
  if (typeof piece === 'string') return `printf ${escaped(Buffer.from(piece))}`;
  if ('base64' in piece) return `printf ${escaped(Buffer.from(piece.base64, 'base64'))}`;
  if (piece.times === 0) return ':';
  return `yes ${quote(piece.repeat)} 2>/dev/null | head -n ${piece.times} | tr -d '\\n'`;
}

/** A format for printf: printable ASCII as it is, the rest in hexadecimal. */
function escaped(bytes: Buffer): string {
  const text = [...bytes].map((byte) => {
    if (byte === 0x25) return '%%';
    if (byte >= 0x20 && byte < 0x7f && byte !== 0x5c && byte !== 0x27) return String.fromCharCode(byte);
    return `\\x${byte.toString(16).padStart(2, '0')}`;
  });
  return `-- '${text.join('')}'`;
}
