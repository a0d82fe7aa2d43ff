import { describe, expect, test } from 'vitest';
import { conforms } from '../../src/qmp/conforms.ts';
import { readSchema } from '../../src/qmp/schema.ts';
import type { Json } from '../../src/sequence/step.ts';
import { smallSchema } from './small-schema.ts';

const schema = readSchema(smallSchema);

describe('conforms:', () => {
  const cases: [what: string, type: string, value: Json][] = [
    ['an empty object', '0', {}],
    ['anything as any', 'any', [null, { x: 1.5 }]],
    ['the chosen variant of a union', '1', { driver: 'file', filename: 'a' }],
    ['a tag value without own members', '1', { driver: 'null-co', 'node-name': 'n' }],
    ['a variant that is a union itself', '1', { driver: 'nbd', type: 'unix', path: 'a' }],
    ['an alternate by reference', '1', { driver: 'qcow2', file: 'node0', backing: null }],
    ['an alternate by value', '1', { driver: 'qcow2', file: { driver: 'file', filename: 'a' } }],
    ['an alternate of numbers, flags and lists', '20', { which: [1, -2] }],
    ['the largest integers', '[int]', [-(2 ** 63), 2 ** 64, -0]],
    ['a fraction as number', '20', { ratio: 0.5, force: false, whatever: null }],
    ['an enum value', '7', 'unix'],
  ];
  test.each(cases)('%s', (_what, type, value) => {
    expect(conforms(schema, value, type)).toEqual([]);
  });
});

describe('does not conform:', () => {
  const cases: [what: string, type: string, value: Json, mismatches: [path: string, problem: string][]][] = [
    ['a member too many', '0', { x: 1 }, [['x', 'unexpected-member']]],
    ['a required member left out', '8', {}, [['path', 'missing-member']]],
    ['an array for an object', '0', [], [['', 'wrong-type']]],
    ['null for an object', '0', null, [['', 'wrong-type']]],
    ['an object for an array', '[int]', {}, [['', 'wrong-type']]],
    ['a fraction for an integer', '[int]', [1, 1.5], [['[1]', 'wrong-type']]],
    ['an integer beyond 64 bits', '[int]', [1e300], [['[0]', 'wrong-type']]],
    ['a number for a string', '8', { path: 5 }, [['path', 'wrong-type']]],
    ['a string for a flag', '20', { force: 'yes' }, [['force', 'wrong-type']]],
    ['null for an optional member', '20', { ratio: null }, [['ratio', 'wrong-type']]],
    ['an unknown enum value', '20', { modes: ['unix', 'fd'] }, [['modes[1]', 'unknown-enum-value']]],
    ['a number for an enum', '7', 1, [['', 'wrong-type']]],
    [
      'a member of another variant',
      '1',
      { driver: 'null-co', filename: 'a' },
      [['filename', 'unexpected-member']],
    ],
    ['no member of the chosen variant', '1', { driver: 'file' }, [['filename', 'missing-member']]],
    [
      'an unknown tag: the rest is not judged',
      '1',
      { driver: 'zz', x: 1 },
      [['driver', 'unknown-enum-value']],
    ],
    ['no tag: the rest is not judged', '1', { x: 1 }, [['driver', 'missing-member']]],
    ['a kind that is no branch of an alternate', '1', { driver: 'qcow2', file: 5 }, [['file', 'wrong-type']]],
    [
      'a wrong value deep within, by its path',
      '10',
      { actions: [{ data: { driver: 'qcow2', file: { driver: 'file', filename: 1 } } }] },
      [['actions[0].data.file.filename', 'wrong-type']],
    ],
    [
      'several at once',
      '10',
      { actions: [{}], speed: '1', y: 0 },
      [
        ['actions[0].data', 'missing-member'],
        ['speed', 'wrong-type'],
        ['y', 'unexpected-member'],
      ],
    ],
  ];
  test.each(cases)('%s', (_what, type, value, mismatches) => {
    const found = conforms(schema, value, type);
    expect(found.map(({ path, problem }) => [path, problem])).toEqual(mismatches);
  });
});

test('a mismatch says what was expected and what was found', () => {
  expect(conforms(schema, { path: 5 }, '8')).toEqual([
    { path: 'path', problem: 'wrong-type', text: 'expected str, not number 5' },
  ]);
});
