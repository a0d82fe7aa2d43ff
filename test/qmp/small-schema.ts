import type { Json } from '../../src/sequence/step.ts';

const builtin = (name: string, jsonType: string): Json => ({
  name,
  'meta-type': 'builtin',
  'json-type': jsonType,
});
const optional = (name: string, type: string): Json => ({ name, type, default: null });
const object = (name: string, members: Json[], more: Record<string, Json> = {}): Json => ({
  name,
  'meta-type': 'object',
  members,
  ...more,
});

/** A schema by hand with all that introspect.json knows: a recursive union, nested unions, alternates, enums of both ages. */
export const smallSchema: Json[] = [
  builtin('str', 'string'),
  builtin('int', 'int'),
  builtin('number', 'number'),
  builtin('bool', 'boolean'),
  builtin('null', 'null'),
  builtin('any', 'value'),
  object('0', []),
  { name: '[int]', 'meta-type': 'array', 'element-type': 'int' },
  { name: '[str]', 'meta-type': 'array', 'element-type': 'str' },

  { name: 'blockdev-add', 'meta-type': 'command', 'arg-type': '1', 'ret-type': '0' },
  { name: '2', 'meta-type': 'enum', values: ['file', 'qcow2', 'null-co', 'nbd'] }, // as 5.2 tells it
  object('1', [{ name: 'driver', type: '2' }, optional('node-name', 'str')], {
    tag: 'driver',
    variants: [
      { case: 'file', type: '3' },
      { case: 'qcow2', type: '4' },
      { case: 'nbd', type: '6' },
    ],
  }),
  object('3', [{ name: 'filename', type: 'str' }]),
  object('4', [{ name: 'file', type: '5' }, optional('backing', '5b')]),
  { name: '5', 'meta-type': 'alternate', members: [{ type: '1' }, { type: 'str' }] },
  { name: '5b', 'meta-type': 'alternate', members: [{ type: '1' }, { type: 'str' }, { type: 'null' }] },
  object('6', [{ name: 'type', type: '7' }], { tag: 'type', variants: [{ case: 'unix', type: '8' }] }),
  { name: '7', 'meta-type': 'enum', values: ['inet'], members: [{ name: 'inet' }, { name: 'unix' }] }, // as 7.2 does
  object('8', [{ name: 'path', type: 'str' }]),

  {
    name: 'transaction',
    'meta-type': 'command',
    'arg-type': '10',
    'ret-type': '[str]',
    features: ['deprecated'],
    'allow-oob': true,
  },
  object('10', [
    { name: 'actions', type: '[11]' },
    { ...(optional('speed', 'int') as object), features: ['unstable'] },
  ]),
  { name: '[11]', 'meta-type': 'array', 'element-type': '11' },
  object('11', [{ name: 'data', type: '1' }]),

  { name: 'values', 'meta-type': 'command', 'arg-type': '20', 'ret-type': 'any' },
  object('20', [
    optional('ratio', 'number'),
    optional('force', 'bool'),
    optional('whatever', 'any'),
    optional('which', '21'),
    optional('modes', '[7]'),
  ]),
  { name: '21', 'meta-type': 'alternate', members: [{ type: 'int' }, { type: 'bool' }, { type: '[int]' }] },
  { name: '[7]', 'meta-type': 'array', 'element-type': '7' },

  { name: 'BLOCK_JOB_PENDING', 'meta-type': 'event', 'arg-type': '8' },
];
