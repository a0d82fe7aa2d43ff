import { asReference } from '../../sequence/reference.ts';
import type { Json } from '../../sequence/step.ts';
import type { Evidence, Exchange } from '../reading/evidence.ts';

/** ECMAScript's source text access; not yet in TypeScript's library. */
const { isRawJSON } = JSON as unknown as { isRawJSON(value: unknown): value is { rawJSON: string } };

/**
 * A value as it is read back from a stored trace, so that a run is judged alike live and stored: a number that was
 * sent digit by digit is rounded, and what was `1.0` or 2^63-1 on the wire is no longer told from 1 and 2^63.
 */
export function asStored(value: Json): Json {
  if (value === null || typeof value !== 'object') return value;
  if (isRawJSON(value)) return Number(value.rawJSON);
  if (Array.isArray(value)) return value.map(asStored);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, asStored(inner)]));
}

/** A whole number that is the one that was sent, not a rounded one. */
export const isExact = (value: Json | undefined): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value);

/** Whether the step spells out a number, whose digits (`1.0`, 2^63) a stored trace no longer has. */
export function spellsNumbers({ opened: { sequence } }: Evidence, { step }: Exchange): boolean {
  const written = step === undefined ? undefined : sequence.steps[step];
  return written !== undefined && 'qmp' in written && hasNumberReference(written.args ?? {});
}

function hasNumberReference(value: Json): boolean {
  if (value === null || typeof value !== 'object') return false;
  return asReference(value)?.kind === 'number' || Object.values(value).some(hasNumberReference);
}
