import type { Fact } from '../../judge/facts/fact.ts';
import type { Sequence } from '../../sequence/sequence.ts';
import type { Trace } from '../../trace/observation.ts';
import type { Finding } from '../finding.ts';
import type { MonitorCondition } from './monitor.ts';
import type { Plan, PlannedStep } from './plan.ts';
import { servedDisks } from './servers.ts';

/** How a reproducer tells whether the defect shows. It says so only where it is sure. */
export type ScriptVerdict = {
  /** What no answer to a command (`$1` its id, `$2` its name) means, and a guest request without an end. */
  unanswered: string;
  stuck?: string;
  /** Lines around a step. */
  before?(step: PlannedStep): string[];
  after?(step: PlannedStep): string[];
  /** Whether the jobs are ended and the arena is taken apart before `ending`. */
  settles: boolean;
  /** In place of the plain `settle`. */
  settle?: string;
  ending: string[];
  conditions?: readonly MonitorCondition[];
};

/** What a verdict is made from; `at` is the place in the trace that shows the violation. */
export type Case = { finding: Finding; facts: Fact | undefined; plan: Plan; trace: Trace; at: number };

export const cannotTell = `cannot "step $1 ($2) was not answered in $patience s"`;

/** QEMU, and whatever else has the images open, lets go of them. */
export const imagesReleased = (sequence: Sequence): string[] => [
  'send end quit',
  'finish 20000 || cannot "QEMU does not quit"',
  ...(servedDisks(sequence).length > 0 ? ['release'] : []),
];

/** The phase in which something was seen. */
export function phaseAt(trace: Trace, at: number): string | undefined {
  const phase = trace.slice(0, at + 1).findLast((seen) => seen.kind === 'phase');
  return phase?.kind === 'phase' ? phase.phase : undefined;
}
