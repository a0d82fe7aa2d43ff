import type { Range } from '../qemu/versions.ts';
import type { Place } from '../trace/place.ts';
import type { Fact } from './facts/fact.ts';
import type { Ledger } from './ledger.ts';
import type { Evidence } from './reading/evidence.ts';

export type FindingKind = 'crash' | 'hang' | 'protocol' | 'state' | 'integrity' | 'leak' | 'validation';

/** A named claim about every run, with what it rests on, and since and until when QEMU keeps to it. */
export type Rule = {
  name: string;
  kind: FindingKind;
  statement: string;
  /** QEMU documentation or source behaviour the claim rests on. */
  source: string;
} & Range;

/** A rule broken by a trace. `at` is the index of the observation that shows it. */
export type Violation = { rule: Rule; at: Place; step?: number; facts: Fact };

/** One rule family: its rules, and the function that finds where a trace breaks them and records where they held. */
export type RuleFamily = { rules: readonly Rule[]; judge(evidence: Evidence, ledger: Ledger): Violation[] };
