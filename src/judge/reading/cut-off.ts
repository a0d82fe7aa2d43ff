import type { Trace } from '../../trace/observation.ts';

/** Every run ends with `closed`, however it went; only a writer that was killed leaves it out. */
export const isCutOff = (trace: Trace): boolean => trace.at(-1)?.kind !== 'closed';
