import type { ContentFact, HeldContent } from '../../judge/facts/content.ts';
import type { Trace } from '../../trace/observation.ts';
import { rangeClass } from './range.ts';

/**
 * Which image holds what instead of what, each in a class: `integrity/backup: tail: zero, not initial`.
 *
 * Where a request of the guest is missing, neither its place, nor whether it wrote or zeroed, nor what was there before
 * tell one defect from another: all are the sequence's choice. Nor does a mirror's `sync`, for what came after READY.
 */
export function contentSignature(rule: string, facts: ContentFact, trace: Trace): string {
  const { of, wrong } = facts;
  const image = rule.startsWith('integrity/mirror-') && 'image' in of ? mirrorsImage(of.when) : rule;
  const range = rangeClass(wrong, 'image' in of ? of.image : of.disk, trace);
  const [first] = wrong;
  if (first === undefined) return `${image}: ${range}`;
  const [found, wanted] = [kindOf([first.holds]), kindOf(first.due)];
  return wanted === "the guest's"
    ? `${image}: ${found === 'other' ? found : 'older'}, not ${wanted}`
    : `${image}: ${range}: ${found}, not ${wanted}`;
}

/** A promise about the source holds `until` the mirror is completed. */
const mirrorsImage = (when: string): string =>
  when.startsWith('until ') ? 'integrity/mirror of the source' : 'integrity/mirror of the target';

/** What a request of the guest left, zero, initial content, or what is nobody's. */
function kindOf([first, ...others]: readonly HeldContent[]): string {
  // More than three contents may be there where several requests of the guest raced.
  if (first?.by || others.length > 2) return "the guest's";
  if (first?.origin === 'zero') return 'zero';
  return first && isInitial(first.origin) ? 'initial' : 'other';
}

/** `src:0`, also where it lies apart from its place. */
const isInitial = (origin: string): boolean =>
  /^[^:\s]+:0(?:@|$)/.test(origin) && !origin.startsWith('byte:');
