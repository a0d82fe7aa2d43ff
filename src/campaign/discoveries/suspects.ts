import { join } from 'node:path';
import { keepSequence } from '../../corpus/keep.ts';
import type { Sequence } from '../../sequence/sequence.ts';
import { spareDirOf } from './spare-dir.ts';

/**
 * Keeps a sequence that was not judged to its end, since its worker died of it or the hunt was over: beside the
 * findings, to be run by hand; where the findings' disk is full, in another directory. The corpus is no place for it: the
 * next hunt would vary it. Says where it is, or why not.
 */
export function keepSuspect(
  findingsDir: string,
  sequence: Sequence,
  why: string,
): { file?: string; complaint?: string } {
  const kept = keepIn(() => findingsDir, sequence, why);
  return kept.complaint === undefined
    ? kept
    : { ...kept, ...keepIn(() => spareDirOf(findingsDir), sequence, why) };
}

function keepIn(
  dir: () => string,
  sequence: Sequence,
  comment: string,
): { file?: string; complaint?: string } {
  try {
    return { file: keepSequence(join(dir(), 'suspects'), { ...sequence, comment }).file };
  } catch (error) {
    return { complaint: (error as Error).message };
  }
}
