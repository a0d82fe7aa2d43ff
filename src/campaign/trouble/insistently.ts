import type { Sequence } from '../../sequence/sequence.ts';
import { limits } from '../limits.ts';
import type { Tried } from '../try-out.ts';
import { asError } from './trouble.ts';

/** The same look once more where the machine failed; EnvironmentError where it keeps failing. */
export const insistently =
  (tryOut: (candidate: Sequence) => Promise<Tried>) =>
  async (candidate: Sequence): Promise<Tried> => {
    for (let tries = 1; ; tries++) {
      const tried = await tryOut(candidate);
      if (!tried.trouble) return tried;
      if (tries >= limits.troubledTries) throw asError(tried.trouble);
    }
  };
