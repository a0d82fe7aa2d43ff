import type { QmpSchema } from '../../qmp/schema.ts';
import { kindsOf, noSuchValue } from '../../qmp/value-kinds.ts';
import type { Json } from '../../sequence/step.ts';
import type { Draw } from '../draw.ts';
import type { Situation } from '../situation.ts';
import { allowedValues, hostileCommands } from './commands.ts';
import type { Draft } from './draft.ts';
import { exactly } from './numbers.ts';
import { filledMember, validArguments } from './valid-arguments.ts';

/**
 * A command with a value of one kind in one argument. Each kind of each argument of each command is as likely as any other,
 * so that none is left out for ever, as rare ones of rare commands are by weights.
 */
export function everyKind(draw: Draw, situation: Situation): Draft | undefined {
  const choice = draw.anyOf(choicesOf(situation.binary.schema));
  if (!choice) return undefined;
  const { command, member, kind } = choice;
  const value = choice.isValue ? kind : example(draw, kind);
  const args = validArguments(draw, situation, command);
  return {
    command,
    args: { ...args, [member.name]: value ?? filledMember(draw, situation, command, member) },
  };
}

/** `isValue`: of an enum, the value itself. */
type Choice = { command: string; member: { name: string; type: string }; kind: string; isValue: boolean };

function choicesOf(schema: QmpSchema): readonly Choice[] {
  const known = choices.get(schema);
  if (known) return known;
  const found = Object.keys(hostileCommands).flatMap((command) =>
    (schema.commands.get(command)?.args.members ?? []).flatMap((member) =>
      kindsOfMember(schema, member).map((kind) => ({ command, member, ...kind })),
    ),
  );
  choices.set(schema, found);
  return found;
}

function kindsOfMember(schema: QmpSchema, member: Choice['member']): Pick<Choice, 'kind' | 'isValue'>[] {
  const type = schema.type(member.type);
  if (type.kind !== 'enum') return kindsOf(type, schema).map((kind) => ({ kind, isValue: false }));
  const values = allowedValues(member.name, type.values).map((kind) => ({ kind, isValue: true }));
  return [...values, { kind: noSuchValue, isValue: false }];
}

const choices = new WeakMap<QmpSchema, readonly Choice[]>();

/** undefined for what only means something where things stand: a name, an object. */
const example = (draw: Draw, kind: string): Json | undefined => {
  const values = examples[kind];
  return values === undefined ? undefined : draw.oneOf(values);
};

const examples: Readonly<Record<string, readonly [Json, ...Json[]]>> = {
  null: [null],
  true: [true],
  false: [false],
  'empty text': [''],
  'long text': ['x'.repeat(256), 'x'.repeat(1024)],
  'below 0': [-1, -512, exactly('-9223372036854775808')],
  '0': [0],
  '1': [1],
  '2 to 511': [2, 3, 16, 511],
  '512 to 1 MiB': [512, 513, 4096, 65_536, 2 ** 20 - 1],
  '1 MiB to 2 GiB': [2 ** 20, 2 ** 21 + 512, 2 ** 31 - 1],
  '2 GiB and more': [2 ** 31, 2 ** 32, exactly('9223372036854775807')],
  '2^63 and more': [exactly('9223372036854775808'), exactly('18446744073709551615')],
  'a fraction': [0.5, 1.5],
  'empty list': [[]],
  [noSuchValue]: ['nonsense', ''],
};
