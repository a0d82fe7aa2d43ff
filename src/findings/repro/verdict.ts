import type { Fact } from '../../judge/facts/fact.ts';
import type { Sequence } from '../../sequence/sequence.ts';
import type { Trace } from '../../trace/observation.ts';
import type { Finding } from '../finding.ts';
import { destinationEnds } from './destination.ts';
import type { Plan, PlannedStep } from './plan.ts';
import { servedDisks } from './servers.ts';

/** How a reproducer tells whether the defect shows. It says so only where it is sure. */
export type ScriptVerdict = {
  /** What it means that a command is not answered, a guest's request or a job does not end. */
  endless?: Partial<Record<'command' | 'guest' | 'job', 'shows'>>;
  /** Lines around a step. */
  before?(step: PlannedStep): string[];
  after?(step: PlannedStep): string[];
  /** Steps to whose answers the ending comes back. */
  named?(step: PlannedStep): boolean;
  /** How much of the end comes before `ending`: the jobs are ended, and then the arena is taken apart. */
  ends: 'steps' | 'jobs' | 'arena';
  ending: string[];
};

/** What a verdict is made from; `at` is the place in the trace that shows the violation. */
export type Case = { finding: Finding; facts: Fact | undefined; plan: Plan; trace: Trace; at: number };

export const mustLive = 'lives || cannot "QEMU died: $(tail -n 1 stderr)"';

/** A violation that was seen in that phase needs what was done up to it. */
export function endsFor(trace: Trace, at: number): ScriptVerdict['ends'] {
  const phase = phaseAt(trace, at);
  if (phase === 'settle') return 'jobs';
  return phase === 'teardown' || phase === 'after' ? 'arena' : 'steps';
}

/** Ends QEMU; how it ended is then in `$code`, 128 and more being a signal. */
export const quitLines = (outcome: 'shows' | 'cannot' = 'cannot'): string[] => [
  `echo '{"execute": "quit"}' >&3`,
  `ended 20 || ${outcome} "QEMU does not quit"`,
  'wait $pid; code=$?',
];

/** QEMU, and whatever else has the images open, lets go of them. */
export const imagesReleased = (sequence: Sequence): string[] => [
  ...quitLines(),
  ...destinationEnds(sequence),
  ...(servedDisks(sequence).length > 0 ? ['release'] : []),
];

/** The phase in which something was seen. */
export function phaseAt(trace: Trace, at: number): string | undefined {
  const phase = trace.slice(0, at + 1).findLast((seen) => seen.kind === 'phase');
  return phase?.kind === 'phase' ? phase.phase : undefined;
}

/** Whether the ending comes to a verdict, and not only to what a reader has to judge. */
export const tells = ({ ending }: ScriptVerdict): boolean => ending.some((line) => /\babsent$/.test(line));
