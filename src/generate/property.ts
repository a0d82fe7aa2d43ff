import { UsageError } from '../errors.ts';
import type { FindingKind } from '../judge/rule.ts';
import type { Sequence } from '../sequence/sequence.ts';
import type { ArenaMaker } from './arenas/arena-maker.ts';
import type { Draw } from './draw.ts';
import type { Flow } from './flows/flow.ts';
import type { Habits } from './habits.ts';
import type { Binary } from './situation.ts';
import type { Family, StepMaker } from './steps/families.ts';

/**
 * What is claimed of all sequences of a kind, and how to make them. The judge looks at every trace with all its rules;
 * `claims` says which kinds of them the property is about.
 */
export type Property = {
  name: string;
  statement: string;
  claims: readonly FindingKind[];
  /** Where there are flows, theirs are drawn instead. */
  arena: ArenaMaker;
  steps: StepPlan;
  /** What is gone through, with steps of the plan in the holes between its parts. */
  flows?: readonly Flow[];
  /** Tendencies that all its sequences share; the others are drawn for each. */
  habits: Partial<Habits>;
  /** The images are read at the end, and judged by what they hold. */
  readsImages: boolean;
  /** Makes whole sequences by itself; arena and steps are then for variants of them only. */
  make?: (title: string, draw: Draw, binary: Binary) => Sequence;
};

/** How often each family of steps is drawn, relative to the others, and what comes last. */
export type StepPlan = { weights: Weights; ending: StepMaker | undefined };
export type Weights = Partial<Record<Family | 'startJob', number>>;

/** A property as a file of properties/ exports it. Throws UsageError where it can't be one. */
export function property(
  given: Omit<Property, 'habits' | 'readsImages'> & Partial<Pick<Property, 'habits' | 'readsImages'>>,
): Property {
  if (!/^[a-z][a-z0-9-]{0,40}$/.test(given.name))
    throw new UsageError(`"${given.name}" is no name of a property`, 'lower-case letters, digits and "-"');
  if (given.claims.length === 0) throw new UsageError(`the property ${given.name} claims nothing`);
  if (
    !given.flows?.length &&
    !Object.keys(given.steps.weights).some((family) => family.startsWith('start') || family === 'transaction')
  )
    throw new UsageError(`the property ${given.name} starts no job`, 'give startJob a weight');
  return { habits: {}, readsImages: false, ...given };
}

/** `startJob` is all kinds of jobs, mirrors most of all. */
export function weights(given: Weights): StepPlan & { endingWith(ending: StepMaker): StepPlan } {
  return { weights: given, ending: undefined, endingWith: (ending) => ({ weights: given, ending }) };
}
