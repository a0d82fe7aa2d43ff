import { conforms } from '../qmp/conforms.ts';
import type { QmpSchema } from '../qmp/schema.ts';
import { isJsonObject, type JsonObject } from '../sequence/json-object.ts';
import { asReference } from '../sequence/reference.ts';
import type { Json } from '../sequence/step.ts';

/** Whether QEMU's schema has nothing against the command: whoever is wrong there changes nothing. */
export function isPlausible(schema: QmpSchema, command: string, args: JsonObject): boolean {
  const argsType = schema.commands.get(command)?.argsType;
  // Each by itself: as a whole `{"uri": "exec:…"}` would look like a reference.
  const sent = Object.fromEntries(Object.entries(args).map(([name, value]) => [name, asSent(value)]));
  return argsType !== undefined && conforms(schema, sent, argsType).length === 0;
}

/** Arguments with a value of the right kind for each late-bound reference. */
export function asSent(value: Json): Json {
  const reference = asReference(value);
  if (reference?.kind === 'literal') return reference.value;
  if (reference?.kind === 'number') return Number(reference.digits);
  if (reference) return nameMeant(value) ?? 'a job';
  if (Array.isArray(value)) return value.map(asSent);
  return isJsonObject(value)
    ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, asSent(inner)]))
    : value;
}

/** The disk, node or file that an argument means, by its name. */
export function nameMeant(value: Json | undefined): string | undefined {
  if (value === undefined) return undefined;
  const reference = asReference(value);
  switch (reference?.kind) {
    case 'disk':
    case 'path':
    case 'newDisk':
    case 'uri':
      return reference.disk;
    case 'node':
      return reference.layer === undefined ? reference.disk : `${reference.disk}-${reference.layer}`;
    case 'incoming':
      return 'incoming';
    case 'newFile':
      return reference.file;
    case 'job':
    case 'number':
      return undefined;
    case 'literal':
      return typeof reference.value === 'string' ? reference.value : undefined;
    case undefined:
      return typeof value === 'string' ? value : undefined;
  }
}
