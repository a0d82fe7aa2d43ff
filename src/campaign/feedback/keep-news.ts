import { huntDir, keepSequence, keptCount } from '../../corpus/keep.ts';
import type { Sequence } from '../../sequence/sequence.ts';
import { limits } from '../limits.ts';

/**
 * Keeps a sequence for the next hunt where what it showed is more than events in another order. Returns what went wrong:
 * a corpus that can't be written is no reason to end a hunt.
 */
export function keepNews(
  corpusDir: string,
  version: string,
  sequence: Sequence,
  news: readonly string[],
): string | undefined {
  const telling = news.filter((feature) => !/^(?:point|events) /.test(feature));
  const dir = huntDir(corpusDir, version);
  if (telling.length === 0 || keptCount(dir) >= limits.keptPerVersionMax) return undefined;
  try {
    keepSequence(dir, { ...sequence, comment: `kept: the first to show ${telling.slice(0, 3).join('; ')}` });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
