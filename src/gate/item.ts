import type { Affected } from '../findings/affected.ts';
import type { Finding } from '../findings/finding.ts';
import type { Impact } from '../findings/impact.ts';
import type { Reach } from '../findings/reach.ts';
import type { Fact } from '../judge/facts/fact.ts';
import type { Rule } from '../judge/rule.ts';
import type { StorageKind } from '../sequence/arena.ts';
import type { Sequence } from '../sequence/sequence.ts';
import type { Flavour, Trace } from '../trace/observation.ts';
import type { Place } from '../trace/place.ts';
import type { ShownCount } from './sequential-test.ts';

export type ItemPhase = 'scenario' | 'regression' | 'finding' | 'hunt';

/** One thing that a gate looks at, on the candidate in one flavour. */
export type Item = {
  /** `scenario/full-mirror-pivots`, `regression/…`, `finding/0123456789ab`, `hunt/0123456789ab`. */
  name: string;
  phase: ItemPhase;
  title: string;
  /** Where the sequence is on disk. */
  file: string;
  sequence: Sequence;
  flavour: Flavour;
  storage?: StorageKind;
  /** What one run is reckoned to take. */
  costMs: number;
  /** What the store has of it, of a stored finding. */
  finding?: Finding;
};

/**
 * fail: the gate fails by it. flaky: it shows now and then. known: it fails nothing, for the reason given. fixed: a known
 * finding that shows no more. unknown: undecided.
 */
export const itemVerdicts = ['pass', 'fail', 'flaky', 'known', 'fixed', 'skipped', 'unknown'] as const;
export type ItemVerdict = (typeof itemVerdicts)[number];

/** What a run of it broke, the most serious first. */
export type Broken = {
  id: string;
  signature: string;
  rule: Rule;
  facts: Fact;
  at: Place;
  trace: Trace;
  impact: Impact;
  reach: Reach;
};

export type ItemResult = {
  item: Item;
  verdict: ItemVerdict;
  reason: string;
  /** Runs that showed it, of those that were decided. */
  candidate: ShownCount;
  baseline?: ShownCount;
  broken?: Broken;
  /** A run of it on the baseline, to stand beside the candidate's. */
  beside?: Trace;
  /** Of a stored finding: what the store may note of the candidate. */
  row?: Affected;
  /** Its turn did not come. */
  isNotReached?: true;
};
