import * as fc from 'fast-check';
import type { Sequence } from '../sequence/sequence.ts';
import { drawFromRandom } from './draw.ts';
import { generateSequence } from './generate-sequence.ts';
import type { Property } from './property.ts';
import type { Binary } from './situation.ts';

/** Sequences of a property for that binary, as fast-check wants them. */
export const sequenceArbitrary = (property: Property, binary: Binary): fc.Arbitrary<Sequence> =>
  new SequenceArbitrary(property, binary);

/**
 * fast-check's model-based commands can't do this: they draw blind to the state, keep the last command, and don't
 * shrink what was not drawn by them. A sequence is plain data, so any sequence could be shrunk.
 */
class SequenceArbitrary extends fc.Arbitrary<Sequence> {
  readonly #property: Property;
  readonly #binary: Binary;

  constructor(property: Property, binary: Binary) {
    super();
    this.#property = property;
    this.#binary = binary;
  }

  override generate(random: fc.Random): fc.Value<Sequence> {
    return new fc.Value(generateSequence(this.#property, this.#binary, drawFromRandom(random)), undefined);
  }

  override canShrinkWithoutContext(_value: unknown): _value is Sequence {
    return true;
  }

  /** Nothing: what is smaller has to fail on a real QEMU again, several times over. See shrink/. */
  override shrink(): fc.Stream<fc.Value<Sequence>> {
    return fc.Stream.nil();
  }
}
