import type { Trace } from '../../trace/observation.ts';
import { serverSockets } from './servers.ts';

/** The same trace with every path into its run's directory relative to it: that is where a reproducer works. */
export function relativePaths(trace: Trace): Trace {
  const dir = runDir(trace);
  const renamed: [string, string][] = [
    ...serverSockets(trace),
    ...(dir === undefined ? [] : [[dir, ''] as [string, string]]),
  ];
  if (renamed.length === 0) return trace;
  return trace.map((seen) => {
    if (seen.kind === 'command') return { ...seen, args: relative(seen.args, renamed) };
    return seen.kind === 'fault' && seen.sent ? { ...seen, sent: relative(seen.sent, renamed) } : seen;
  });
}

/** The directory with the images and sockets of a run, as execute/ names it: a session's, and in it the sequence's. */
function runDir(trace: Trace): string | undefined {
  for (const seen of trace) {
    const found =
      seen.kind === 'command' ? /\/[^\s"',=:]+\/s\d+\/q\d+\//.exec(JSON.stringify(seen.args)) : null;
    if (found) return found[0];
  }
  return undefined;
}

function relative<T>(value: T, renamed: readonly [seen: string, called: string][]): T {
  if (typeof value === 'string')
    return renamed.reduce((text, [seen, called]) => text.replaceAll(seen, called), value as string) as T;
  if (Array.isArray(value)) return value.map((inner) => relative(inner, renamed)) as T;
  if (value === null || typeof value !== 'object' || Object.getPrototypeOf(value) === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, relative(inner, renamed)]),
  ) as T;
}
