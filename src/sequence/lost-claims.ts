import { isCoherent } from './coherent.ts';
import type { Sequence } from './sequence.ts';

/** A sequence that lost steps, without the claims about images that those made. */
export function withoutLostClaims(sequence: Sequence): Sequence {
  const { after, ...rest } = sequence;
  const kept = after?.filter((claim) => isCoherent({ ...rest, after: [claim] }));
  return kept === undefined || kept.length === 0 ? rest : { ...rest, after: kept };
}
