import { haveSameFacts } from '../findings/same-facts.ts';
import type { Violation } from '../judge/rule.ts';
import { isReadable } from '../qmp/readable.ts';
import type { Sequence } from '../sequence/sequence.ts';
import type { QmpStep } from '../sequence/step.ts';
import { closingCommands, closingNames, type ShownAt, shownAt } from '../shrink/readable/closing-commands.ts';
import { byReadability, doubts } from '../shrink/readable/doubts.ts';
import { readablePasses } from '../shrink/readable/passes.ts';
import { type ShrinkPlan, type Shrunk, shrink } from '../shrink/shrink.ts';
import type { Trace } from '../trace/observation.ts';
import type { Tried } from './try-out.ts';

/** A run of the minimal sequence, and where it shows the failure. */
type Shown = { trace: Trace; violation: Violation };

/**
 * The second shrinking, towards what a reader believes. It may lengthen the sequence by some steps; what it shows is the
 * same, by the same facts, and no more rarely.
 */
export async function makeReadable(
  minimal: Sequence,
  { trace, violation }: Shown,
  plan: Omit<ShrinkPlan, 'tryOut' | 'known' | 'passes' | 'order'> & {
    tryOut(candidate: Sequence): Promise<Tried>;
  },
): Promise<Shrunk> {
  const place = placeOf({ trace, violation });
  const known = { closing: closingCommands(place), sent: commandsOfSteps(trace) };
  const closing = closingNames(place);
  return shrink(minimal, {
    ...plan,
    known,
    passes: readablePasses,
    order: byReadability(closing),
    async tryOut(candidate) {
      const tried = await plan.tryOut(candidate);
      const shown = tried.violations[tried.signatures.indexOf(plan.signature)];
      if (!shown) return tried;
      const now = { violation: shown, trace: tried.trace };
      return haveSameFacts({ violation, trace }, now) && !isLate(candidate, now)
        ? tried
        : { ...tried, signatures: tried.signatures.filter((each) => each !== plan.signature) };
    },
  });

  /** A sequence that is to show it by a step, and shows it after them all the same, is none. */
  function isLate(candidate: Sequence, shown: Shown): boolean {
    const isByStep = closing.length > 0 && doubts(candidate, closing) === doubts(candidate);
    return isByStep && place.left === undefined && closingCommands(placeOf(shown)).length > 0;
  }
}

const placeOf = ({ trace, violation }: Shown): ShownAt => shownAt(trace, violation.rule.kind, violation);

/** What each fault sent, by the text of the step; the same step twice may send other things, and is left out. */
function commandsOfSteps(trace: Trace): Map<string, QmpStep[]> {
  const [opened] = trace;
  const steps = opened?.kind === 'opened' ? opened.sequence.steps : [];
  const sent = new Map<string, QmpStep[]>();
  for (const [i, step] of steps.entries()) {
    if (!('fault' in step)) continue;
    const text = JSON.stringify(step);
    const commands = trace.flatMap((seen): QmpStep[] =>
      seen.kind === 'command' && seen.step === i && isReadable(seen.args)
        ? [{ qmp: seen.name, args: seen.args }]
        : [],
    );
    if (sent.has(text)) sent.set(text, []);
    else sent.set(text, commands);
  }
  return sent;
}
