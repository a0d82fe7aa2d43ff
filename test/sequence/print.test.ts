import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseSequence } from '../../src/sequence/parse.ts';
import { printSequence } from '../../src/sequence/print.ts';
import type { Sequence } from '../../src/sequence/sequence.ts';
import type { Json } from '../../src/sequence/step.ts';
import { anySequence } from './arbitrary.ts';

test('what is printed reads back as the same sequence', () => {
  fc.assert(
    fc.property(anySequence, (sequence) => {
      expect(parseSequence(printSequence(sequence), 'printed')).toEqual(asJson(sequence));
    }),
  );
});

test('printing what was read back gives the same bytes', () => {
  fc.assert(
    fc.property(anySequence, (sequence) => {
      const printed = printSequence(sequence);
      expect(printSequence(parseSequence(printed, 'printed'))).toBe(printed);
    }),
  );
});

test('the order in which members were written makes no difference', () => {
  fc.assert(
    fc.property(anySequence, (sequence) => {
      expect(printSequence(turnedAround(asJson(sequence)) as Sequence)).toBe(printSequence(sequence));
    }),
  );
});

test('each disk and each step stands on a line of its own, its kind first', () => {
  const printed = printSequence({
    schema: 1,
    title: 't',
    arena: { disks: [{ sizeBytes: 512, format: 'raw', name: 'src' }] },
    steps: [{ note: 'n', args: { b: 1, a: [true, null] }, qmp: 'stop' }, { pause: 5 }],
    after: [{ check: 'src' }],
  });
  expect(printed).toBe(`{
  "schema": 1,
  "title": "t",
  "arena": {
    "disks": [
      { "name": "src", "format": "raw", "sizeBytes": 512 }
    ]
  },
  "steps": [
    { "qmp": "stop", "args": { "a": [true, null], "b": 1 }, "note": "n" },
    { "pause": 5 }
  ],
  "after": [
    { "check": "src" }
  ]
}
`);
});

const asJson = (value: unknown): Json => JSON.parse(JSON.stringify(value));

/** The same value with every object's members in the opposite order. */
function turnedAround(value: Json): Json {
  if (Array.isArray(value)) return value.map(turnedAround);
  if (value === null || typeof value !== 'object') return value;
  const members = Object.entries(value).map(([key, inner]) => [key, turnedAround(inner)] as const);
  return Object.fromEntries(members.reverse());
}
