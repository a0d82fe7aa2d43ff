import { readable } from '../../findings/readable.ts';
import { isShrunk } from '../../findings/same-defect.ts';
import type { Findings } from '../../findings/store.ts';
import type { FindingKind } from '../../judge/rule.ts';
import { type Mask, maskOf } from './mask.ts';

/** Whether what breaks a rule of that kind ends the session, and so hides what would come after it. */
export const hides = (kind: FindingKind): boolean => kind === 'crash' || kind === 'hang';

/** What earlier campaigns found and made minimal is steered round from the start. */
export function storedMasks(store: Findings): Mask[] {
  return store
    .list()
    .findings.filter((finding) => hides(finding.kind) && isShrunk(finding))
    .flatMap(({ id, signature, reproduced: { ok, of } }) => {
      const sequence = readable(() => store.read(id).sequence());
      return sequence ? [maskOf(signature, sequence, ok / Math.max(1, of))] : [];
    });
}
