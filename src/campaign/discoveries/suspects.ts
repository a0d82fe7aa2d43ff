import { join } from 'node:path';
import { keepSequence } from '../../corpus/keep.ts';
import type { Sequence } from '../../sequence/sequence.ts';

/**
 * Keeps a sequence that was not judged to its end, since its worker died of it or the hunt was over: beside the
 * findings, to be run by hand. The corpus is no place for it: the next hunt would vary it. Says where it is, or why not.
 */
export function keepSuspect(
  findingsDir: string,
  sequence: Sequence,
  why: string,
): { file?: string; complaint?: string } {
  try {
    return { file: keepSequence(join(findingsDir, 'suspects'), { ...sequence, comment: why }).file };
  } catch (error) {
    return { complaint: (error as Error).message };
  }
}
