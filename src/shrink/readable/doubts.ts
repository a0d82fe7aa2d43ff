import { cardOf } from '../../qemu/cards.ts';
import type { Disk } from '../../sequence/arena.ts';
import type { Sequence } from '../../sequence/sequence.ts';
import type { Json, Step } from '../../sequence/step.ts';
import { ordinary } from '../ordinary-values.ts';
import { placesIn } from '../places.ts';
import { bySimplicity } from '../simplicity.ts';
import { closingNames, type ShownAt } from './closing-commands.ts';

/**
 * Negative where `a` is what a reader believes more readily: fewer means that nobody has in production, fewer odd values,
 * and whatever shows the failure among the steps. Among equals the simpler one.
 */
export const byReadability =
  (closing: readonly string[] = []) =>
  (a: Sequence, b: Sequence): number =>
    doubts(a, closing) - doubts(b, closing) || bySimplicity(a, b);

/** `closing`: the commands after the steps of which one showed the failure; none where a step did. */
export function doubts(sequence: Sequence, closing: readonly string[] = []): number {
  const { arena, steps } = sequence;
  const inSteps = steps.reduce((sum, step) => sum + ofStep(step), 0);
  const inArena = arena.disks
    .flatMap(({ layers = [] }) => layers)
    .reduce((sum, layer) => sum + ofLayer(layer), 0);
  const isAtStep = closing.length === 0 || steps.some((step) => showsItself(step, closing));
  return inSteps + inArena + ofJobs(steps) + (isAtStep ? 0 : weights.afterTheSteps);
}

/** The same, given a run of the sequence that shows the failure. */
export const doubtsOfShown = (sequence: Sequence, shown: ShownAt): number =>
  doubts(sequence, closingNames(shown));

/** What makes a reader ask whether QEMU is to blame, by how much. */
const weights = {
  afterTheSteps: 2,
  /** An error out of nowhere, by a step that stands for several commands. */
  injected: 4,
  /** The same with the commands in sight. */
  debugDriver: 3,
  /** A step of ours that stands for commands. */
  standsFor: 1,
  throttle: 1,
  /** The guest's request as a human would type it. */
  hmp: 1,
  oddValue: 1,
  unnamedJob: 1,
  /** Whether the job is ready by then is a race. */
  notAwaited: 1,
} as const;

const debugDrivers = /"driver":"(blkdebug|blkverify|blkreplay|quorum)"/g;

function ofStep(step: Step): number {
  if ('fault' in step) {
    switch (step.fault) {
      case 'inject':
        return weights.injected;
      case 'lift':
      case 'fill':
      case 'room':
      case 'unthrottle':
        return weights.standsFor;
      case 'throttle':
        return weights.throttle + weights.standsFor;
      default:
        return 0; // a server that is gone, a process that is killed: that happens to everybody
    }
  }
  const debug = (JSON.stringify(step).match(debugDrivers) ?? []).length * weights.debugDriver;
  const hmp = 'guest' in step && step.via === 'hmp' ? weights.hmp : 0;
  return debug + hmp + oddValues(step) * weights.oddValue;
}

const oddValues = (step: Step): number =>
  [...placesIn(step as Json, [])].filter(
    ({ key, value }) => typeof value === 'number' && ordinary(key)?.includes(value) === false,
  ).length;

function ofLayer(layer: NonNullable<Disk['layers']>[number]): number {
  if ('blkdebug' in layer) return weights.debugDriver;
  return 'throttle' in layer ? weights.throttle : weights.standsFor;
}

/** Jobs without a name of their own, and a completion that nobody has waited for. */
function ofJobs(steps: readonly Step[]): number {
  const starts = steps
    .flatMap((step) => [...placesIn(step as Json, [])])
    .filter(({ value }) => isStart(value));
  const ids = starts.flatMap(({ value }) => (value as { 'job-id'?: string })['job-id'] ?? []);
  const unnamed = starts.length - new Set(ids).size;
  const rash = steps.filter((step, i) => completes(step) && !steps.slice(0, i).some(awaitsReady)).length;
  return unnamed * weights.unnamedJob + rash * weights.notAwaited;
}

/** The arguments of a command or of a transaction's action that starts a copying job. */
const isStart = (value: Json): boolean =>
  value !== null && typeof value === 'object' && !Array.isArray(value) && 'sync' in value;

export const completes = (step: Step): boolean =>
  'qmp' in step && cardOf(step.qmp)?.verb?.name === 'complete';

export const awaitsReady = (step: Step): boolean =>
  'await' in step && (step.await === 'READY' || step.await === 'ready');

const showsItself = (step: Step, closing: readonly string[]): boolean =>
  ('qmp' in step && closing.includes(step.qmp)) || ('await' in step && step.await === 'exit');
