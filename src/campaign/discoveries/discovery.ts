import type { Impact } from '../../findings/impact.ts';
import type { Reach } from '../../findings/reach.ts';
import { bySeriousness as byKind } from '../../findings/seriousness.ts';
import { byWeight as byImpactAndReach } from '../../findings/weight.ts';
import type { Fact } from '../../judge/facts/fact.ts';
import type { Rule } from '../../judge/rule.ts';
import type { Unsaved } from './recording.ts';

/** A signature met in this campaign. */
export type Discovery = {
  id: string;
  signature: string;
  title: string;
  facts: Fact;
  impact: Impact;
  reach: Reach;
  rule: Rule;
  /** The store had it before this campaign. */
  known: boolean;
  firstSeenMs: number;
  count: number;
  steps: number;
  reproduced: { ok: number; of: number };
  /** Labels of the QEMUs it was seen on. */
  qemu: string[];
  path: string;
  /** What debuggers blame. */
  cause?: string;
  /** The store could not take it. */
  unsaved?: Unsaved;
  /** A known finding of the same signature, which takes other commands. */
  apartFrom?: string;
  /** joined: another finding stands for it. */
  shrunk: 'no' | 'queued' | 'running' | 'done' | 'unfinished' | 'joined';
};

/** As lists show them. */
export const byWeight = (a: Discovery, b: Discovery): number =>
  byImpactAndReach({ ...a, kind: a.rule.kind }, { ...b, kind: b.rule.kind });

/** As they are shrunk. */
export function bySeriousness(a: { rule: Rule }, b: { rule: Rule }): number {
  return byKind(a.rule.kind, b.rule.kind);
}
