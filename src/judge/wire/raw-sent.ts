import type { Observation } from '../../trace/observation.ts';
import { nowhere, type Place, type PlacedTrace } from '../../trace/place.ts';

export type RawSent = Extract<Observation, { kind: 'raw-sent' }>;

/** The lone 0xFF that the executor sends after hostile bytes, to end whatever they left open. */
export const isResync = (seen: Observation): boolean =>
  seen.kind === 'raw-sent' && seen.base64 === '/w==' && seen.sizeBytes === 1;

/** What the hostile bytes of a trace may have carried, as far as a rule must make allowance for it. */
export type RawInput = {
  /** Place of the first of them; Infinity where there are none. */
  from: Place;
  /** All of them glued together, as the monitor reads them. */
  text(): string;
};

export function rawInput(trace: PlacedTrace): RawInput {
  const first = trace.findIndex((seen) => seen.kind === 'raw-sent');
  let joined: string | undefined;
  return {
    from: first === -1 ? nowhere : first,
    text() {
      joined ??= trace
        .flatMap((seen) => (seen.kind === 'raw-sent' && !isResync(seen) ? [rawText(seen)] : []))
        .join('');
      return joined;
    },
  };
}

/** Bytes that are no UTF-8 one by one, so that what is ASCII in them stays as it was. */
export const rawText = ({ text, base64 }: RawSent): string => text ?? atob(base64 ?? '');
