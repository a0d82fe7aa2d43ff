import { mustBeCoherent } from '../sequence/coherent.ts';
import { type Sequence, sequenceSchema } from '../sequence/sequence.ts';

/** Whether a candidate could as well be read from a file: what is not is not tried. */
export function isSound(candidate: Sequence): boolean {
  if (!sequenceSchema.safeParse(candidate).success) return false;
  try {
    mustBeCoherent(candidate, (path, message) => {
      throw new Incoherent(`${path.join('.')}: ${message}`);
    });
    return true;
  } catch (error) {
    if (error instanceof Incoherent) return false;
    throw error;
  }
}

class Incoherent extends Error {}
