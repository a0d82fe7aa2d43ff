import { type Finding, impactOfFinding } from './finding.ts';
import { impacts } from './impact.ts';
import { type Reach, reaches } from './reach.ts';

/**
 * Negative where `a` is to be read first. What takes a debug node comes last, whatever it does: nobody's disk is one.
 * Of two that do the same, the one that more people can bring about is the worse.
 */
export function byWeight(a: Weighed, b: Weighed): number {
  return group(a) - group(b) || place(a) - place(b) || reachPlace(a.reach) - reachPlace(b.reach);
}

/** As stores are listed: what is `fixed` comes after all that is not, since whoever reads a list wants what is still there. */
export const asListed = (a: Listed, b: Listed): number =>
  Number(a.status === 'fixed') - Number(b.status === 'fixed') || byWeight(a, b);

type Listed = Weighed & Pick<Finding, 'status'>;

/** A finding, or what a hunt knows of one. */
type Weighed = Pick<Finding, 'impact' | 'reach' | 'kind'>;

const group = ({ reach }: Weighed): number => (reach === 'debug-only' ? 1 : 0);
const place = (finding: Weighed): number => impacts.indexOf(impactOfFinding(finding));
const reachPlace = (reach: Reach = 'valid-commands'): number => reaches.indexOf(reach);
