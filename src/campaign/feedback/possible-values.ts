import { allowedValues } from '../../generate/malformed/commands.ts';
import { cards } from '../../qemu/cards.ts';
import type { QmpSchema } from '../../qmp/schema.ts';
import { kindsOf } from '../../qmp/value-kinds.ts';

/**
 * Every kind of value that a command's arguments can have by its schema, in the words of `argumentValues`: what a campaign
 * could have sent. Of a union, the members that all its variants have; values of a wrong type are no kinds of their own.
 * `leftOut`: what no campaign sends, since it reaches the host or the network.
 */
export function possibleValues(command: string, schema: QmpSchema): { values: string[]; leftOut: string[] } {
  const members = schema.commands.get(command)?.args.members ?? [];
  const all = members.map(({ name, type }) => {
    const found = schema.type(type);
    const allowed = found.kind === 'enum' ? allowedValues(name, found.values) : [];
    const barred = found.kind === 'enum' ? found.values.filter((value) => !allowed.includes(value)) : [];
    return { name, barred: new Set(barred), kinds: kindsOf(found, schema) };
  });
  const named = (isWanted: (barred: boolean) => boolean): string[] =>
    all.flatMap(({ name, barred, kinds }) =>
      kinds.filter((kind) => isWanted(barred.has(kind))).map((kind) => `${name}=${kind}`),
    );
  return { values: named((barred) => !barred), leftOut: named((barred) => barred) };
}

/** The commands that campaigns are about, and that a binary has. */
export const commandsOf = (schema: QmpSchema): string[] =>
  Object.keys(cards).filter((command) => schema.commands.has(command));
