import type { Observation, Seen, Trace } from './observation.ts';

/** Takes down what is seen, in order, with time; whoever waits for something hears of each observation. */
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
  /** How often the last event has come again, and how often that was not taken down. */
  let [again, untold] = [0, 0];

  return {
    trace,
    elapsedUs,
    record(seen) {
      again = isSameEvent(seen, trace.at(-1)) ? again + 1 : 0;
      if (again > sameEventsMax) {
        untold++;
        return;
      }
      if (untold > 0) take({ kind: 'repeated', times: untold });
      untold = 0;
      take(seen);
    },
    wake,
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };

  function take(seen: Seen): void {
    const observation: Observation = { us: elapsedUs(), ...seen };
    trace.push(observation);
    sink?.(observation);
    wake();
  }
}

function isSameEvent(seen: Seen, before: Observation | undefined): boolean {
  if (seen.kind !== 'event' || before?.kind !== 'event' || seen.name !== before.name) return false;
  return JSON.stringify(seen.data) === JSON.stringify(before.data);
}

/**
 * A job that fails for ever says so 40,000 times a second (5.2, a mirror cancelled while it stands on an error), until
 * the deadlines of whatever waits are over: a hundred megabytes of the same line.
 */
const sameEventsMax = 1_000;
