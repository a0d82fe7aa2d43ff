import fc from 'fast-check';
import { expect, test } from 'vitest';
import lifecycle from '../../properties/lifecycle.ts';
import { sequenceArbitrary } from '../../src/generate/sequence-arbitrary.ts';
import { binaryOf } from './binaries.ts';

const sequences = sequenceArbitrary(lifecycle, binaryOf('7.2'));

test('a seed of fast-check gives the same sequences again', () => {
  const options = { seed: 7, numRuns: 20 };
  expect(fc.sample(sequences, options)).toEqual(fc.sample(sequences, options));
});

test('fast-check can be given a sequence that it has not made itself', () => {
  const [own] = fc.sample(sequences, 1);
  const seen: unknown[] = [];
  fc.assert(
    fc.property(sequences, (sequence) => void seen.push(sequence)),
    { numRuns: 2, examples: [[own!]] },
  );
  expect(seen[0]).toEqual(own);
  expect(sequences.canShrinkWithoutContext(own)).toBe(true);
});
