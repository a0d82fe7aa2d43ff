import type { QmpSchema } from '../../qmp/schema.ts';
import { kindOf, noSuchValue } from '../../qmp/value-kinds.ts';
import type { Json } from '../../sequence/step.ts';

/** What kind of value each argument of a command had: `sync=full`, `speed=below 0`, `bitmap=text`. Misspelt ones are one kind. */
export function argumentValues(
  command: string,
  args: { [name: string]: Json },
  schema?: QmpSchema,
): string[] {
  const known = schema?.commands.get(command)?.args;
  // A union's variants bring members of their own.
  const isOpen = known === undefined || known.tag !== undefined;
  return Object.entries(args).map(([name, value]) => {
    const member = known?.members.find((each) => each.name === name);
    if (!isOpen && !member) return '(unknown)=any';
    const type = member && schema?.type(member.type);
    if (type?.kind === 'enum')
      return `${name}=${typeof value === 'string' && type.values.includes(value) ? value : noSuchValue}`;
    return `${name}=${kindOf(value)}`;
  });
}
