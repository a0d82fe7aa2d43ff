import type { Trace } from '../../src/trace/observation.ts';
import { goldenTraces } from '../golden/golden-traces.ts';
import type { Named } from './tales.ts';

/** Recorded sessions with one message dropped, doubled, or told before the one ahead of it: a sample, the same each time. */
export function mutants(): Named[] {
  return goldenTraces().flatMap(({ program, schema, traces }) =>
    traces
      .flatMap(mutations)
      .filter((_, i) => i % oneIn === 0)
      .map((mutate, i) => ({ name: `${program} ${i}`, trace: mutate(), schema })),
  );
}

const oneIn = 331;

function mutations(trace: Trace): (() => Trace)[] {
  return trace.flatMap((seen, at) => {
    const before = trace[at - 1];
    if ((seen.kind !== 'event' && seen.kind !== 'reply') || !before) return [];
    return [
      () => trace.toSpliced(at, 1),
      () => trace.toSpliced(at, 0, seen),
      () => trace.toSpliced(at - 1, 2, seen, before),
    ];
  });
}
