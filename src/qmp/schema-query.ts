import type { Member, QmpSchema } from './schema.ts';

/** Whether this QEMU has a command of that name. */
export function hasCommand(schema: QmpSchema, command: string): boolean {
  return schema.commands.has(command);
}

/**
 * Whether a command takes an argument. `argument` is a dotted path into nested objects (`file.driver`,
 * `actions.data.job-id`): through arrays to their elements, into every variant of a union and branch of an alternate.
 */
export function hasArgument(schema: QmpSchema, command: string, argument: string): boolean {
  return argumentTypes(schema, command, argument).length > 0;
}

/** The values that an enum argument may have; empty where there is no such argument, or it is no enum. */
export function enumValues(schema: QmpSchema, command: string, argument: string): readonly string[] {
  const values = argumentTypes(schema, command, argument)
    .flatMap((type) => reach(schema, type))
    .map((name) => schema.type(name))
    .flatMap((type) => (type.kind === 'enum' ? type.values : []));
  return [...new Set(values)];
}

/** A command's features (`deprecated`, `unstable`, …); empty where there is no such command. */
export function features(schema: QmpSchema, command: string): readonly string[] {
  return schema.commands.get(command)?.features ?? [];
}

/** Names of the types that the argument at that path may have: several where variants of a union share its name. */
function argumentTypes(schema: QmpSchema, command: string, path: string): string[] {
  const argsType = schema.commands.get(command)?.argsType;
  if (argsType === undefined) return [];
  return path.split('.').reduce<string[]>(
    (types, name) => {
      const members = types
        .flatMap((type) => reach(schema, type))
        .flatMap((type) => ownMembers(schema, type));
      return [...new Set(members.filter((member) => member.name === name).map((member) => member.type))];
    },
    [argsType],
  );
}

/** A type and all that stand behind it without a name between: elements, variants, branches. */
function reach(schema: QmpSchema, start: string): string[] {
  const reached = new Set([start]);
  for (const name of reached) {
    const type = schema.type(name); // a Set's iteration also visits what is added on the way
    if (type.kind === 'array') reached.add(type.element);
    if (type.kind === 'alternate') for (const branch of type.members) reached.add(branch);
    if (type.kind === 'object') for (const variant of type.variants) reached.add(variant.type);
  }
  return [...reached];
}

function ownMembers(schema: QmpSchema, name: string): readonly Member[] {
  const type = schema.type(name);
  return type.kind === 'object' ? type.members : [];
}
