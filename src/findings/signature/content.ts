import { wordsOf } from '../../judge/facts/words.ts';
import type { Violation } from '../../judge/rule.ts';
import type { Trace } from '../../trace/observation.ts';
import { rangeClass } from './range.ts';

/**
 * Which image holds what instead of what, each in a class: `integrity/backup: tail: zero, not initial`. undefined where
 * the text names no place. The words are those of judge/integrity/mismatch.ts.
 *
 * Where a request of the guest is missing, neither its place, nor whether it wrote or zeroed, nor what was there before
 * tell one defect from another: all are the sequence's choice. Nor does a mirror's `sync`, for what came after READY.
 */
export function contentWords(violation: Violation, trace: Trace): string | undefined {
  const { rule } = violation;
  const text = wordsOf(violation);
  const range = rangeClass(text, trace);
  if (range === undefined) return undefined;
  const image = /^integrity\/mirror-/.test(rule.name) ? mirrorsImage(text) : rule.name;
  const [, foundWords, wantedWords] = /holds (.+?), not ([^;]+)/.exec(text) ?? [];
  if (foundWords === undefined || wantedWords === undefined) return `${image}: ${range}`;
  const [found, wanted] = [kindOf(foundWords), kindOf(wantedWords)];
  return wanted === "the guest's"
    ? `${image}: ${found === 'other' ? found : 'older'}, not ${wanted}`
    : `${image}: ${range}: ${found}, not ${wanted}`;
}

/** A promise about the source holds `until` the mirror is completed. */
const mirrorsImage = (text: string): string =>
  /^\S+ until /.test(text) ? 'integrity/mirror of the source' : 'integrity/mirror of the target';

/** What a request of the guest left, zero, initial content, or what is nobody's. */
function kindOf(words: string): string {
  if (/^zero\b(?! of guest\b)/.test(words)) return 'zero';
  // More than three contents may be there where several requests of the guest raced.
  if (/^(?:guest write|zero of guest|one of \d+ contents)\b/.test(words)) return "the guest's";
  if (/^[^:\s]+:0(?:@|$| )/.test(words) && !words.startsWith('byte:')) return 'initial';
  return 'other';
}
