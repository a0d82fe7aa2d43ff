import type { Sequence } from '../sequence/sequence.ts';
import type { Site } from './change.ts';

/** What is known of a failure beside the sequence: the step at which it showed. */
export type Known = { at?: number };

/** One way to make a sequence simpler. Its sites are independent of each other, so that many can be tried at once. */
export type Pass = { name: string; sites(sequence: Sequence, known: Known): Site[] };
