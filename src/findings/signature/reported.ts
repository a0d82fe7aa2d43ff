import type { ReportedFact } from '../../judge/facts/reported.ts';
import type { Trace } from '../../trace/observation.ts';
import { ownFrames } from '../stacks/cause.ts';
import { readSanitizer } from '../stacks/sanitizer-text.ts';
import type { Frame } from '../stacks/stack.ts';
import { stderrOf } from '../stderr.ts';

/** What is wrong and where, by the innermost functions: the same in all builds, unlike lines and addresses. */
export function reportedSignature(rule: string, facts: ReportedFact, trace: Trace): string {
  const place = facts.frames.slice(0, framesTold).join(' < ');
  switch (facts.by) {
    case 'AddressSanitizer':
      return `crash/AddressSanitizer: ${facts.what} in ${blamed(facts, trace)}`;
    case 'UndefinedBehaviorSanitizer':
      return `${rule}: ${facts.what}${place === '' ? '' : ` in ${place}`}`;
    case 'LeakSanitizer':
      // Without frame pointers in GLib the quick unwinder gets no further than g_malloc: then the size has to tell.
      return `${rule}: ${place === '' ? facts.what : `allocated in ${place}`}`;
  }
}

const framesTold = 3;

/**
 * Of freed memory who freed it, and who happens to use it only where not enough is known of the other. The report has
 * no frames beyond those of a library without frame pointers.
 */
function blamed({ frames }: ReportedFact, trace: Trace): string {
  const parts = readSanitizer(stderrOf(trace))?.parts ?? [];
  const [access = [], freed = []] = ['access', 'freed'].map((wanted) =>
    namedFrames(parts.find(({ of }) => of === wanted)?.frames ?? []),
  );
  const [used] = access;
  if (freed.length > 1) return `memory freed in ${freed.join(' < ')}`;
  if (freed.length === 1)
    return `memory freed in ${freed[0]}${used === undefined ? '' : `, used in ${used}`}`;
  const died = namedFrames(parts[0]?.frames ?? []);
  return (died.length > 0 ? died : frames.slice(0, framesTold)).join(' < ') || '?';
}

const namedFrames = (frames: readonly Frame[]): string[] =>
  ownFrames(frames.filter(({ function: name }) => name !== undefined));
