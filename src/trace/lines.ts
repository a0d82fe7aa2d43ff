import { UsageError } from '../errors.ts';
import { printableJson } from '../printable.ts';
import { isJsonObject, type JsonObject } from '../sequence/json-object.ts';
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
  const [opened] = trace;
  if (opened?.kind !== 'opened')
    throw new UsageError(`${file}:1: a trace opens with the line that says what ran where`);
  const wrong = wrongWith(opened);
  if (wrong !== undefined) throw new UsageError(`${file}:1: ${wrong}`);
  return trace;
}

/** What every reader of a trace takes for granted of its first line; undefined where it is there. */
function wrongWith(opened: object): string | undefined {
  const { schema, qemu, sequence } = opened as JsonObject;
  if (schema !== 1) return `a trace of schema ${JSON.stringify(schema)}; this mirrorfuzz reads schema 1`;
  if (!isJsonObject(qemu) || typeof qemu.version !== 'string') return 'it does not say which QEMU ran';
  if (!isJsonObject(sequence) || !isJsonObject(sequence.arena)) return 'it does not say what was run';
  const isWhole = Array.isArray(sequence.steps) && Array.isArray(sequence.arena.disks);
  return isWhole ? undefined : 'its sequence has no steps or no disks';
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
