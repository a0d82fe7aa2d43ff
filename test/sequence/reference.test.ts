import fc from 'fast-check';
import { expect, test } from 'vitest';
import { asReference } from '../../src/sequence/reference.ts';
import type { Json } from '../../src/sequence/step.ts';

const references: [Json, object][] = [
  ['#0', { kind: 'job', index: 0 }],
  ['#12', { kind: 'job', index: 12 }],
  [{ disk: 'src' }, { kind: 'disk', disk: 'src' }],
  [{ node: 'src' }, { kind: 'node', disk: 'src' }],
  [
    { node: 'src', layer: 'file' },
    { kind: 'node', disk: 'src', layer: 'file' },
  ],
  [{ path: 'src' }, { kind: 'path', disk: 'src' }],
  [{ newFile: 'a.raw' }, { kind: 'newFile', file: 'a.raw' }],
  [{ newDisk: 'd' }, { kind: 'newDisk', disk: 'd' }],
  [
    { newDisk: 'd', format: 'raw', sizeBytes: 0, backing: 'b' },
    { kind: 'newDisk', disk: 'd', format: 'raw', sizeBytes: 0, backing: 'b' },
  ],
  [{ number: '-0.5e+7' }, { kind: 'number', digits: '-0.5e+7' }],
  [{ literal: '#0' }, { kind: 'literal', value: '#0' }],
  [{ literal: null }, { kind: 'literal', value: null }],
];

test.each(references)('%j is a reference', (value, reference) => {
  expect(asReference(value)).toEqual(reference);
});

const values: Json[] = [
  '#',
  '#x',
  '#1000',
  '# 0',
  'j0',
  '',
  null,
  0,
  true,
  [],
  ['#0'],
  {},
  { disk: 7 },
  { disk: 'src', size: 1 },
  { node: 'src', to: 1 },
  { path: 'src', type: 'unix' },
  { number: 7 },
  { number: '007' },
  { number: '0x10' },
  { number: '' },
  { newDisk: 'd', format: 'vmdk' },
  { newDisk: 'd', sizeBytes: 1.5 },
  { newDisk: 'd', sizeBytes: -1 },
  { literal: 1, more: 2 },
];

test.each(values)('%j is an ordinary value', (value) => {
  expect(asReference(value)).toBeUndefined();
});

test('whatever stands in a literal, the literal is the reference', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(asReference({ literal: value as Json })).toEqual({ kind: 'literal', value });
    }),
  );
});
