import { expect, test } from 'vitest';
import { argumentValues } from '../../../src/campaign/feedback/argument-values.ts';
import { readSchema } from '../../../src/qmp/schema.ts';

const schema = readSchema([
  { name: 'block-job-pause', 'meta-type': 'command', 'arg-type': '0', 'ret-type': '1' },
  {
    ...{ name: '0', 'meta-type': 'object' },
    members: [
      { name: 'device', type: 'str' },
      { name: 'sync', type: '2' },
      { name: 'speed', type: 'int', default: null },
    ],
  },
  { name: '1', 'meta-type': 'object', members: [] },
  { name: '2', 'meta-type': 'enum', values: ['full', 'top'], members: [{ name: 'full' }, { name: 'top' }] },
  { name: 'str', 'meta-type': 'builtin', 'json-type': 'string' },
  { name: 'int', 'meta-type': 'builtin', 'json-type': 'int' },
]);

test('a value of an enum stands for itself, others by their kind, and a misspelt argument is like any other', () => {
  const kinds = (args: Parameters<typeof argumentValues>[1]) =>
    argumentValues('block-job-pause', args, schema);
  expect(kinds({ sync: 'full', device: 'a', speed: -1 })).toEqual([
    'sync=full',
    'device=text',
    'speed=below 0',
  ]);
  expect(kinds({ sync: 'fully', device: '', speed: 2 ** 40 })).toEqual([
    'sync=no such value',
    'device=empty text',
    'speed=2 GiB and more',
  ]);
  expect(kinds({ spede: 1 })).toEqual(['(unknown)=any']);
});
