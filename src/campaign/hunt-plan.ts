import type { Sequence } from '../sequence/sequence.ts';
import type { ProgramPlan } from './worker/worker-messages.ts';

/** What a hunt is to do. */
export type HuntPlan = {
  programs: readonly ProgramPlan[];
  workers: number;
  seed: string;
  /** Names of properties, and the files that hold them. */
  properties: readonly string[];
  /** The order in which they take turns, over and over (turns.ts); each once when absent. */
  turns?: readonly string[];
  /** Of these, one has every other turn of the first rounds (next-run.ts). */
  opening?: readonly string[];
  propertyFiles: readonly string[];
  /** Whichever ends first. */
  budget: { timeMs?: number; sequences?: number };
  shrink: boolean;
  mask: boolean;
  feedback: boolean;
  /** End after that many distinct findings. */
  stopAfter?: number;
  findingsDir: string;
  /** Sequences to vary from the start, and where those that show something new are kept; nowhere when absent. */
  seeds: readonly Sequence[];
  /** What could not be read of them. */
  complaints?: readonly string[];
  corpusDir?: string;
  tool: { name: string; version: string };
};
