import { cards } from '../../qemu/cards.ts';
import type { QmpSchema, SchemaType } from '../../qmp/schema.ts';

/**
 * Every kind of value that a command's arguments can have by its schema, in the words of `argumentValues`: what a campaign
 * could have sent. Of a union, the members that all its variants have; values of a wrong type are no kinds of their own.
 */
export function possibleValues(command: string, schema: QmpSchema): string[] {
  const members = schema.commands.get(command)?.args.members ?? [];
  return members.flatMap(({ name, type }) =>
    kindsOf(schema.type(type), schema).map((kind) => `${name}=${kind}`),
  );
}

/** The commands that campaigns are about, and that a binary has. */
export const commandsOf = (schema: QmpSchema): string[] =>
  Object.keys(cards).filter((command) => schema.commands.has(command));

function kindsOf(type: SchemaType, schema: QmpSchema): readonly string[] {
  switch (type.kind) {
    case 'builtin':
      return builtin[type.jsonType] ?? ['object'];
    case 'enum':
      return [...type.values, 'no such value'];
    case 'array':
      return ['list', 'empty list'];
    case 'object':
      return ['object'];
    case 'alternate':
      return [...new Set(type.members.flatMap((name) => kindsOf(schema.type(name), schema)))];
  }
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
