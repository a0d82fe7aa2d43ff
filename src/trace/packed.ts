import { gunzipSync, gzipSync } from 'node:zlib';
import { UsageError } from '../errors.ts';
import { fileLimits } from '../read-file.ts';
import { parseTrace, printTrace } from './lines.ts';
import type { Trace } from './observation.ts';

/** A trace as one word in a JSON file: base64 of the gzipped trace.jsonl, an eighth of its size. */
export const packTrace = (trace: Trace): string =>
  gzipSync(printTrace(trace), { level: 9 }).toString('base64');

/** Throws UsageError where that is none; `where` names it. */
export function unpackTrace(packed: string, where: string): Trace {
  let text: string;
  try {
    text = gunzipSync(Buffer.from(packed, 'base64'), { maxOutputLength: fileLimits.traceBytes }).toString();
  } catch (error) {
    throw new UsageError(`${where}: no packed trace: ${(error as Error).message}`);
  }
  return parseTrace(text, where);
}
