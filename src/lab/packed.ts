import { gunzipSync, gzipSync } from 'node:zlib';
import { z } from 'zod';
import { fileLimits } from '../read-file.ts';
import { parseSequence } from '../sequence/parse.ts';
import { printSequence } from '../sequence/print.ts';
import type { Sequence } from '../sequence/sequence.ts';
import { parseTrace, printTrace } from '../trace/lines.ts';
import type { Trace } from '../trace/observation.ts';
import { limits } from './limits.ts';

/** Texts of files as they go through Redis, which keeps everything in memory: a trace takes a tenth of its length. */
const packedText = z.string().max(limits.messageBytesMax);

const pack = (text: string): string => gzipSync(text, { level: 1 }).toString('base64');

const unpack = (packed: string, maxOutputLength: number): string =>
  gunzipSync(Buffer.from(packed, 'base64'), { maxOutputLength }).toString();

export const packSequence = (sequence: Sequence): string => pack(printSequence(sequence));
export const packTrace = (trace: Trace): string => pack(printTrace(trace));

/** Read as a file would be: what can't be is an issue of zod's. */
export const packedSequence = packedText.transform((packed, context): Sequence => {
  try {
    return parseSequence(unpack(packed, fileLimits.jsonBytes), 'a sequence from the queue');
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
    return z.NEVER;
  }
});

export const packedTrace = packedText.transform((packed, context): Trace => {
  try {
    return parseTrace(unpack(packed, fileLimits.traceBytes), 'a trace from the queue');
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
    return z.NEVER;
  }
});
