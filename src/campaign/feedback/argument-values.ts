import type { QmpSchema } from '../../qmp/schema.ts';
import { isJsonObject } from '../../sequence/json-object.ts';
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
      return `${name}=${typeof value === 'string' && type.values.includes(value) ? value : 'no such value'}`;
    return `${name}=${kindOf(value)}`;
  });
}

function kindOf(value: Json): string {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return `${value}`;
  if (typeof value === 'number') return magnitudeOf(value);
  if (typeof value === 'string')
    return value === '' ? 'empty text' : value.length > 255 ? 'long text' : 'text';
  if (isJsonObject(value)) return 'object';
  return Array.isArray(value) && value.length === 0 ? 'empty list' : 'list';
}

/** By where QEMU's own limits are: sectors, clusters, buffers, int and int64. */
function magnitudeOf(value: number): string {
  if (!Number.isInteger(value)) return 'a fraction';
  if (value < 0) return 'below 0';
  if (value <= 1) return `${value}`;
  if (value < 512) return '2 to 511';
  if (value < 2 ** 20) return '512 to 1 MiB';
  if (value < 2 ** 31) return '1 MiB to 2 GiB';
  return value < 2 ** 63 ? '2 GiB and more' : '2^63 and more';
}
