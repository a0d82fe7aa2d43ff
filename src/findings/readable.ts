import { UsageError } from '../errors.ts';
import type { Sequence } from '../sequence/sequence.ts';

/**
 * A stored sequence, undefined where its file can't be read (any more): somebody else's finding that is spoilt is
 * complained of by `findings list`, and ends no hunt.
 */
export const readableSequence = (stored: { sequence(): Sequence }): Sequence | undefined =>
  readable(() => stored.sequence());

/** The same of anything that is read. */
export function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}
