import { describe, expect, test } from 'vitest';
import { EnvironmentError } from '../../src/errors.ts';
import { readSchema } from '../../src/qmp/schema.ts';
import { enumValues, features, hasArgument, hasCommand } from '../../src/qmp/schema-query.ts';
import type { Json } from '../../src/sequence/step.ts';
import { smallSchema } from './small-schema.ts';

const schema = readSchema(smallSchema);

test('commands and events are found by name, with their types', () => {
  expect([...schema.commands.keys()]).toEqual(['blockdev-add', 'transaction', 'values']);
  expect([...schema.events.keys()]).toEqual(['BLOCK_JOB_PENDING']);
  expect(schema.commands.get('transaction')).toMatchObject({
    allowOob: true,
    returns: { kind: 'array', element: 'str' },
  });
  expect(schema.commands.get('values')).toMatchObject({
    allowOob: false,
    returns: { kind: 'builtin', jsonType: 'value' },
  });
  expect(schema.events.get('BLOCK_JOB_PENDING')!.data.members).toEqual([
    { name: 'path', type: 'str', optional: false, features: [] },
  ]);
});

test('a member is optional where it has a default, even though that is null', () => {
  const { members } = schema.commands.get('transaction')!.args;
  expect(members).toEqual([
    { name: 'actions', type: '[11]', optional: false, features: [] },
    { name: 'speed', type: 'int', optional: true, features: ['unstable'] },
  ]);
});

test('a type is made once, and its name leads back to it through a recursion', () => {
  const { args } = schema.commands.get('blockdev-add')!;
  expect(schema.type('1')).toBe(args);
  expect(args).toMatchObject({
    tag: 'driver',
    variants: [{ case: 'file' }, { case: 'qcow2' }, { case: 'nbd' }],
  });
  expect(schema.type('5')).toEqual({ kind: 'alternate', name: '5', members: ['1', 'str'] });
});

test('enums are read as 5.2 tells them and as newer ones do', () => {
  expect(enumValues(schema, 'blockdev-add', 'driver')).toEqual(['file', 'qcow2', 'null-co', 'nbd']);
  expect(enumValues(schema, 'blockdev-add', 'type')).toEqual(['inet', 'unix']);
});

test('enum values are found in an array too, and are none for what is no enum', () => {
  expect(enumValues(schema, 'values', 'modes')).toEqual(['inet', 'unix']);
  expect(enumValues(schema, 'values', 'force')).toEqual([]);
  expect(enumValues(schema, 'nope', 'force')).toEqual([]);
});

describe('an argument is found', () => {
  test.each([
    ['blockdev-add', 'driver'],
    ['blockdev-add', 'filename'],
    ['blockdev-add', 'backing'],
    ['blockdev-add', 'path'], // variant of a variant
    ['blockdev-add', 'file.file.backing.filename'],
    ['transaction', 'actions'],
    ['transaction', 'actions.data.filename'],
  ])('%s %s', (command, path) => {
    expect(hasArgument(schema, command, path)).toBe(true);
  });
});

describe('an argument is not found', () => {
  test.each([
    ['blockdev-add', 'full'],
    ['blockdev-add', 'filename.driver'],
    ['blockdev-add', ''],
    ['transaction', 'actions.filename'],
    ['transaction', 'toString'],
    ['nope', 'driver'],
  ])('%s %s', (command, path) => {
    expect(hasArgument(schema, command, path)).toBe(false);
  });
});

test('only what the schema names is a command, and its features are told', () => {
  expect(hasCommand(schema, 'transaction')).toBe(true);
  expect(hasCommand(schema, 'BLOCK_JOB_PENDING')).toBe(false);
  expect(features(schema, 'transaction')).toEqual(['deprecated']);
  expect(features(schema, 'values')).toEqual([]);
  expect(features(schema, 'nope')).toEqual([]);
});

test('a name that is no type is a mistake of the caller', () => {
  expect(() => schema.type('transaction')).toThrow(RangeError);
  expect(() => schema.type('4711')).toThrow(RangeError);
});

describe('refused as no schema:', () => {
  const cases: Record<string, Json> = {
    'an error reply': { class: 'CommandNotFound', desc: 'x' },
    'an entry of an unknown meta-type': [{ name: 'x', 'meta-type': 'monad' }],
    'an object without members': [{ name: '1', 'meta-type': 'object' }],
    'a reference to nothing': [{ name: '[1]', 'meta-type': 'array', 'element-type': '1' }],
    'a command as the type of a member': [
      ...smallSchema,
      { name: '99', 'meta-type': 'object', members: [{ name: 'x', type: 'transaction' }] },
    ],
  };
  test.each(Object.entries(cases))('%s', (_name, reply) => {
    expect(() => readSchema(reply)).toThrow(EnvironmentError);
  });
});
