import { isJsonObject } from '../sequence/json-object.ts';
import type { Json } from '../sequence/step.ts';
import type { QmpSchema, SchemaType } from './schema.ts';

/** What kind of value it is, by QEMU's own limits: sectors, clusters, buffers, int and int64; names that fit and that do not. */
export function kindOf(value: Json): string {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return `${value}`;
  if (typeof value === 'number') return magnitudeOf(value);
  if (typeof value === 'string')
    return value === '' ? 'empty text' : value.length > 255 ? 'long text' : 'text';
  if (isJsonObject(value)) return 'object';
  return Array.isArray(value) && value.length === 0 ? 'empty list' : 'list';
}

/** Every kind that a value of that type can be; those of a wrong type are no kinds of their own. */
export function kindsOf(type: SchemaType, schema: QmpSchema): readonly string[] {
  switch (type.kind) {
    case 'builtin':
      return builtin[type.jsonType] ?? ['object'];
    case 'enum':
      return [...type.values, noSuchValue];
    case 'array':
      return ['list', 'empty list'];
    case 'object':
      return ['object'];
    case 'alternate':
      return [...new Set(type.members.flatMap((name) => kindsOf(schema.type(name), schema)))];
  }
}

/** Of an enum, what is none of its values. */
export const noSuchValue = 'no such value';

function magnitudeOf(value: number): string {
  if (!Number.isInteger(value)) return 'a fraction';
  if (value < 0) return 'below 0';
  if (value <= 1) return `${value}`;
  if (value < 512) return '2 to 511';
  if (value < 2 ** 20) return '512 to 1 MiB';
  if (value < 2 ** 31) return '1 MiB to 2 GiB';
  return value < 2 ** 63 ? '2 GiB and more' : '2^63 and more';
}

const integers = [
  ...['below 0', '0', '1', '2 to 511', '512 to 1 MiB'],
  ...['1 MiB to 2 GiB', '2 GiB and more', '2^63 and more', 'a fraction'],
];
const builtin: Readonly<Record<string, readonly string[]>> = {
  string: ['text', 'empty text', 'long text'],
  int: integers,
  number: integers,
  boolean: ['true', 'false'],
  null: ['null'],
  array: ['list', 'empty list'],
};
