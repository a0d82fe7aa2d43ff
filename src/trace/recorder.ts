import type { Observation, Seen, Trace } from './observation.ts';

/** Takes down what is seen, in order, with time; whoever waits for something is told of each observation. */
export type Recorder = {
  record(seen: Seen): void;
  trace: Trace;
  /** `listener` is called after each observation, and by `wake`, until the returned function is called. */
  listen(listener: () => void): () => void;
  /** Something that listeners look at changed without being an observation. */
  wake(): void;
  elapsedUs(): number;
};

/** `sink` gets every observation at once, so that a killed run leaves a readable prefix. */
export function createRecorder(sink?: (observation: Observation) => void): Recorder {
  const begin = process.hrtime.bigint();
  const trace: Observation[] = [];
  const listeners = new Set<() => void>();
  const wake = (): void => {
    for (const listener of listeners) listener();
  };
  const elapsedUs = (): number => Number((process.hrtime.bigint() - begin) / 1000n);

  return {
    trace,
    elapsedUs,
    record(seen) {
      const observation: Observation = { us: elapsedUs(), ...seen };
      trace.push(observation);
      sink?.(observation);
      wake();
    },
    wake,
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
