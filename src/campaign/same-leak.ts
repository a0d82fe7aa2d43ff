import type { Violation } from '../judge/rule.ts';
import type { Sequence } from '../sequence/sequence.ts';
import type { Tried } from './try-out.ts';

/**
 * The same look, at one leak: what a candidate leaves behind under the signature is part of what the first run left that
 * showed it. The signature does not say which node it was, so that a leak of another one would pass for it.
 */
export function ofSameLeak(
  signature: string,
  tryOut: (candidate: Sequence) => Promise<Tried>,
): (candidate: Sequence) => Promise<Tried> {
  let first: ReadonlySet<string> | undefined;
  return async (candidate) => {
    const tried = await tryOut(candidate);
    const shown = tried.violations[tried.signatures.indexOf(signature)];
    const names = shown && namesLeft(shown);
    if (!names) return tried;
    first ??= new Set(names);
    if (names.every((name) => first?.has(name))) return tried;
    return { ...tried, signatures: tried.signatures.filter((each) => each !== signature) };
  };
}

/** Nodes that QEMU named have other numbers in each run; files are in another directory. */
function namesLeft({ facts }: Pick<Violation, 'facts'>): string[] | undefined {
  if (facts.shape !== 'left' || !('names' in facts)) return undefined;
  return facts.names.map((name) => name.replace(/^#(\w+?)\d+$/, '#$1').replace(/^.*\//, ''));
}
