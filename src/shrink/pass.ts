import type { Sequence } from '../sequence/sequence.ts';
import type { QmpStep } from '../sequence/step.ts';
import type { Site } from './change.ts';

/** What is known of a failure beside the sequence. */
export type Known = {
  /** The step at which it showed. */
  at?: number;
  /** Where it showed after the steps: the commands up to there by which the run was brought to an end. */
  closing?: readonly QmpStep[];
  /** What a step that stands for commands has sent, by the step's text. */
  sent?: ReadonlyMap<string, readonly QmpStep[]>;
};

/** One way to make a sequence simpler. Its sites are independent of each other, so that many can be tried at once. */
export type Pass = { name: string; sites(sequence: Sequence, known: Known): Site[] };
