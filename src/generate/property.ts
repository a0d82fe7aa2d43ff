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
  /** How often it has its turn in a hunt, in halves: 1 as a rule, less where its sequences take long. */
  share: number;
  /** It has every other turn at the begin of a hunt: what it is about shows in a few short sequences, or never. */
  opens?: true;
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
export function property(given: Omit<Property, Optional> & Partial<Pick<Property, Optional>>): Property {
  if (!/^[a-z][a-z0-9-]{0,40}$/.test(given.name))
    throw new UsageError(`"${given.name}" is no name of a property`, 'lower-case letters, digits and "-"');
  if (given.claims.length === 0) throw new UsageError(`the property ${given.name} claims nothing`);
  if (
    !given.flows?.length &&
    !Object.keys(given.steps.weights).some((family) => family.startsWith('start') || family === 'transaction')
  )
    throw new UsageError(`the property ${given.name} starts no job`, 'give startJob a weight');
  if (given.share !== undefined && !isShare(given.share))
    throw new UsageError(`the property ${given.name} has the share ${given.share}`, 'halves from 0.5 to 5');
  return { share: 1, habits: {}, readsImages: false, ...given };
}

type Optional = 'share' | 'habits' | 'readsImages';

const isShare = (share: number): boolean => Number.isInteger(share * 2) && share >= 0.5 && share <= 5;

/** `startJob` is all kinds of jobs, mirrors most of all. */
export function weights(given: Weights): StepPlan & { endingWith(ending: StepMaker): StepPlan } {
  return { weights: given, ending: undefined, endingWith: (ending) => ({ weights: given, ending }) };
}
