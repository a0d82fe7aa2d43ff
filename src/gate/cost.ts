import { optionalIn } from '../sequence/optional.ts';
import type { Sequence } from '../sequence/sequence.ts';
import { limits } from './limits.ts';

/** What one run of a sequence takes, as a plan reckons; pauses and servers are most of it. */
export function costMs(sequence: Sequence, { hangs = false } = {}): number {
  const uses = optionalIn(sequence);
  const { plain, guest, server, hangs: hanging } = limits.costMs;
  const pauses = sequence.steps.reduce((sum, step) => sum + ('pause' in step ? step.pause : 0), 0);
  const kind = uses.includes('pc machine')
    ? guest
    : uses.some((thing) => /^(?:iscsi|nfs)/.test(thing))
      ? server
      : plain;
  return kind + pauses + (hangs ? hanging : 0);
}
