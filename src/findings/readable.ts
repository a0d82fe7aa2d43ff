import { UsageError } from '../errors.ts';
import type { Sequence } from '../sequence/sequence.ts';

/**
 * A stored sequence, undefined where its file can't be read (any more): somebody else's finding that is spoilt is
 * complained of by `findings list`, and ends no hunt.
 */
export function readableSequence(stored: { sequence(): Sequence }): Sequence | undefined {
  try {
    return stored.sequence();
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}
