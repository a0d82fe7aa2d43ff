import { type Affected, outcomeOf } from '../../findings/affected.ts';
import { readable } from '../../findings/readable.ts';
import { isShrunk } from '../../findings/same-defect.ts';
import type { Findings } from '../../findings/store.ts';
import { hungUpAt } from '../../judge/crash.ts';
import type { FindingKind } from '../../judge/rule.ts';
import type { Trace } from '../../trace/observation.ts';
import { limits } from '../limits.ts';
import { type Mask, maskOf } from './mask.ts';

/** Whether what breaks a rule of that kind ends the session, and so hides what would come after it. */
export const hides = (kind: FindingKind): boolean => kind === 'crash' || kind === 'hang';

/** What earlier campaigns found and made minimal is steered round from the start. */
export function storedMasks(store: Findings): Mask[] {
  return store
    .list()
    .findings.filter((finding) => hides(finding.kind) && isShrunk(finding))
    .flatMap(({ id, signature, reproduced: { ok, of }, affected }) => {
      const sequence = readable(() => store.read(id).sequence());
      const trace = readable(() => store.read(id).trace());
      const more = {
        ...(trace && isAtEnd(trace) ? { atEnd: true as const } : {}),
        notOn: unaffected(affected),
      };
      return sequence ? [maskOf(signature, sequence, ok / Math.max(1, of), more)] : [];
    });
}

/** Whether QEMU died when the steps were done, the jobs over, and the arena was being taken apart. */
export function isAtEnd(trace: Trace): boolean {
  const exitAt = trace.findIndex(({ kind }) => kind === 'exit');
  const teardownAt = trace.findIndex((seen) => seen.kind === 'phase' && seen.phase === 'teardown');
  return teardownAt !== -1 && exitAt !== -1 && teardownAt < hungUpAt(trace, exitAt);
}

/** The versions of which all programs were tried as often as it takes, and none showed it. */
function unaffected(affected: readonly Affected[]): string[] {
  const versions = [...new Set(affected.map(({ version }) => version))];
  return versions.filter((version) =>
    affected.every(
      (row) =>
        row.version !== version || (outcomeOf(row) === 'does-not-show' && row.of >= limits.absentRunsMin),
    ),
  );
}
