import type { Observation, Trace } from '../../trace/observation.ts';

export type RawSent = Extract<Observation, { kind: 'raw-sent' }>;

/** The lone 0xFF that the executor sends after hostile bytes, to end whatever they left open. */
export const isResync = (seen: Observation): seen is RawSent & Observation =>
  seen.kind === 'raw-sent' && seen.base64 === '/w==' && seen.sizeBytes === 1;

/** All hostile bytes sent before `at`, glued together as the monitor reads them; bytes that are no UTF-8 are kept apart. */
export function rawTextBefore(trace: Trace, at: number): string {
  return trace
    .slice(0, at)
    .flatMap((seen) => (seen.kind === 'raw-sent' && !isResync(seen) ? [rawText(seen)] : []))
    .join('');
}

export function rawText({ text, base64 }: RawSent): string {
  return text ?? latin1(base64 ?? '');
}

/** Byte by byte, so that what is ASCII stays as it was. */
const latin1 = (base64: string): string => atob(base64);
