import { huntDir, keepSequence, keptCount } from '../../corpus/keep.ts';
import type { Sequence } from '../../sequence/sequence.ts';
import { limits } from '../limits.ts';
import { isEdge } from './novelty.ts';

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
    keepSequence(dir, { ...sequence, comment: `kept: the first to show ${shownIn(telling)}` });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function shownIn(news: readonly string[]): string {
  const named = news.filter((feature) => !isEdge(feature));
  const edges = news.length - named.length;
  return [
    ...named.slice(0, 3),
    ...(edges > 0 ? [`${edges} ${edges === 1 ? 'edge' : 'edges'} of QEMU's code`] : []),
  ].join('; ');
}
