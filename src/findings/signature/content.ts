import type { Trace } from '../../trace/observation.ts';
import { rangeClass } from './range.ts';

/**
 * Where the wrong content lies, what is there and what is missing, each in a class: `tail: zero, not initial`. undefined
 * where the text names no place. The words are those of judge/integrity/mismatch.ts.
 */
export function contentClass(text: string, trace: Trace): string | undefined {
  const range = rangeClass(text, trace);
  if (range === undefined) return undefined;
  const [, found, wanted] = /holds (.+?), not ([^;]+)/.exec(text) ?? [];
  return found === undefined || wanted === undefined
    ? range
    : `${range}: ${kindOf(found)}, not ${kindOf(wanted)}`;
}

/** zero, initial content, a write of the guest, or what is nobody's. */
function kindOf(words: string): string {
  if (/^zero\b/.test(words)) return 'zero';
  if (/^guest write\b/.test(words)) return 'written';
  if (/^[^:\s]+:0(?:@|$| )/.test(words) && !words.startsWith('byte:')) return 'initial';
  return 'other';
}
