import type { Finding } from './finding.ts';
import { listFindings } from './list.ts';

/** Which finding of a store a signature belongs to. */
export type StoredAs = (signature: string) => Pick<Finding, 'id' | 'status'> | undefined;

/**
 * Reads the store once. What can't be read of it is left out, and a store that is not there knows nothing: whoever only
 * looks at what broke is not kept from it. `first`: where several have one signature, this one is meant.
 */
export function storedAs(dir: string | undefined, first?: Finding): StoredAs {
  const findings = dir === undefined ? [] : listFindings(dir).findings;
  const [apart, plain] = [true, false].map((is) =>
    findings.filter(({ apartFrom }) => (apartFrom !== undefined) === is),
  ) as [Finding[], Finding[]];
  const all = [...(first ? [first] : []), ...plain, ...apart];
  const bySignature = new Map<string, Finding>();
  for (const told of [own, also])
    for (const finding of all)
      for (const signature of told(finding))
        if (!bySignature.has(signature)) bySignature.set(signature, finding);
  return (signature) => bySignature.get(signature);
}

const own = ({ signature }: Finding): string[] => [signature];
const also = ({ alsoBreaks = [] }: Finding): string[] => alsoBreaks.map(({ signature }) => signature);
