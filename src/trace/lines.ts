import { UsageError } from '../errors.ts';
import { printableJson } from '../printable.ts';
import type { Observation, Trace } from './observation.ts';

export const printTrace = (trace: Trace): string =>
  trace.map((seen) => `${printableJson(JSON.stringify(seen))}\n`).join('');

/**
 * A trace from the text of a `trace.jsonl`. A last line cut short is left out: that is what a killed run leaves.
 * Throws UsageError naming file and line where any other line is no observation.
 */
export function parseTrace(text: string, file: string): Trace {
  const lines = text.split('\n');
  const trace: Observation[] = [];
  for (const [i, line] of lines.entries()) {
    if (line === '') continue;
    const isLast = i === lines.length - 1;
    const value = parseLine(line);
    if (value !== undefined) trace.push(value);
    else if (!isLast) throw new UsageError(`${file}:${i + 1}: not an observation of a trace`);
  }
  if (trace[0]?.kind !== 'opened')
    throw new UsageError(`${file}:1: a trace opens with the line that says what ran where`);
  return trace;
}

function parseLine(line: string): Observation | undefined {
  try {
    const value: unknown = JSON.parse(line);
    const isObservation = typeof value === 'object' && value !== null && 'kind' in value && 'us' in value;
    return isObservation ? (value as Observation) : undefined;
  } catch {
    return undefined;
  }
}
