import { freshSequence } from '../src/campaign/dry-run.ts';
import { loadProperties, propertyFiles } from '../src/campaign/properties.ts';
import type { Binary } from '../src/generate/situation.ts';
import type { Sequence } from '../src/sequence/sequence.ts';

export type Kind = 'legal' | 'hostile';

const properties = await loadProperties(propertyFiles());
const hostile = new Set(['refusals', 'malformed-stream']);

/** The sequence of that number: hostile ones hold refused and malformed commands and damaged bytes. */
export function sequenceOf(kind: Kind, index: number, binary: Binary): Sequence {
  const wanted = properties.filter(({ name }) => hostile.has(name) === (kind === 'hostile'));
  const property = wanted[index % wanted.length];
  if (!property) throw new Error(`there is no ${kind} property`);
  return freshSequence(property, binary, { index, seed: `${kind} ${index}` });
}
