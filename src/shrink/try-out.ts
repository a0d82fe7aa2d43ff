import type { Sequence } from '../sequence/sequence.ts';

/** What one run of a candidate broke, as signatures that mean nothing here. */
export type Attempt = { signatures: readonly string[] };

/** Runs a candidate once. Where it throws, the shrinking ends with that. */
export type TryOut = (candidate: Sequence) => Promise<Attempt>;

/** In `of` runs the rule was broken `ok` times. */
export type Count = { ok: number; of: number };

/** The count of each candidate tried so far, by its canonical text: handed in again, nothing is tried twice. */
export type Memo = Map<string, Count>;

export type Budget = {
  executions: number;
  /** From the start; the runs in flight then are waited for. */
  deadlineMs: number;
};
