import type { Readable } from 'node:stream';
import { limits } from '../limits.ts';
import { openTracePoints } from './trace-points.ts';

/** What QEMU says on stderr, without the trace points that it is made to print there; those are counted. */
export function hearStderr(stderr: Readable, tracePoints: boolean, report: (text: string) => void) {
  const points = openTracePoints();
  let heardBytes = 0;
  let tail = '';
  stderr.setEncoding('utf8').on('data', (chunk: string) => {
    const text = tracePoints ? points.hear(chunk) : chunk;
    if (text === '') return;
    heardBytes += text.length;
    tail = (tail + text).slice(-2000);
    if (heardBytes <= limits.stderrKeptBytes) report(text);
  });
  return { takeTracePoints: points.take, lastLine: () => tail.trim().split('\n').at(-1) || undefined };
}
