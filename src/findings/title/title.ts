import type { Reason } from '../../judge/facts/reason.ts';
import { gather } from '../../judge/reading/evidence.ts';
import type { Violation } from '../../judge/rule.ts';
import type { Sequence } from '../../sequence/sequence.ts';
import type { Trace } from '../../trace/observation.ts';
import { reasonsToRefuse } from '../must-refuse.ts';
import type { Stack } from '../stacks/stack.ts';
import { type Doing, doings, plain, withWords } from './doing.ts';
import { effectOf } from './effect.ts';
import { fitted } from './fitted.ts';
import { minor } from './minor.ts';

/** One line of an issue tracker's list. */
export const titleCharsMax = 100;

/**
 * A defect by cause and effect: the commands with what is decisive of their options, then what comes of them. Made of
 * the facts, the sequence and its trace, and of what debuggers have seen.
 */
export function titleOf(
  broken: Violation,
  sequence: Sequence,
  trace: Trace,
  stacks: readonly Stack[] = [],
): string {
  const done = withTrigger(doings(sequence, refusedSteps(trace, sequence)), broken, trace);
  const effect = effectOf(broken, { sequence, trace, stacks });
  return fitted(done, effect, titleCharsMax);
}

/** The command that QEMU was at when it died or hung: one of the steps, or one that tidies up after them. */
function withTrigger(done: readonly Doing[], { facts, at }: Violation, trace: Trace): Doing[] {
  if (facts.shape !== 'died' && !(facts.shape === 'lacking' && facts.what === 'reply')) return [...done];
  const unanswered = gather(trace)?.exchanges.find(
    ({ sent, reply }) => sent < at && (reply === undefined || reply > at),
  );
  const seen = unanswered && trace[unanswered.sent];
  if (!unanswered || seen?.kind !== 'command') return [...done];
  if (seen.step === undefined)
    return facts.shape === 'lacking' || phaseOf(trace, unanswered.sent) === 'teardown'
      ? [...done, plain(seen.name, minor.trigger)]
      : [...done];
  const last = done.at(-1);
  if (!last) return [];
  const [why] = reasonsToRefuse(trace, facts);
  return [...done.slice(0, -1), { ...withWords(last, why ? invalidWords(why) : ''), minor: minor.trigger }];
}

/** What is wrong with a command, in short. */
function invalidWords(why: Reason): string {
  switch (why.is) {
    case 'action':
      return invalidWords(why.why);
    case 'never made':
    case 'gone':
    case 'absent':
      return ' on a missing node';
    case 'own source':
      return ' onto its own source';
    default:
      return ' (invalid)';
  }
}

function phaseOf(trace: Trace, at: number): string | undefined {
  const begun = trace.slice(0, at).findLast(({ kind }) => kind === 'phase');
  return begun?.kind === 'phase' ? begun.phase : undefined;
}

/** Steps whose command QEMU refused. */
function refusedSteps(trace: Trace, { steps }: Sequence): ReadonlySet<number> {
  const sentBy = new Map(
    trace.flatMap((seen) => {
      const step = seen.kind === 'command' && seen.step !== undefined ? steps[seen.step] : undefined;
      return seen.kind === 'command' && step && 'qmp' in step ? [[JSON.stringify(seen.id), seen.step]] : [];
    }),
  );
  return new Set(
    trace.flatMap((seen) =>
      seen.kind === 'reply' && seen.error ? (sentBy.get(JSON.stringify(seen.id)) ?? []) : [],
    ),
  );
}
