import type { QmpSchema, SchemaType } from '../../qmp/schema.ts';
import { isJsonObject, type JsonObject } from '../../sequence/json-object.ts';
import { asReference } from '../../sequence/reference.ts';
import type { Json, RawStep } from '../../sequence/step.ts';
import type { Draw } from '../draw.ts';
import type { Situation } from '../situation.ts';

/** A command that is being broken. Its arguments may hold late-bound references. */
export type Draft = { command: string; args: JsonObject };
export type Path = readonly (string | number)[];

/** A value within the arguments and the type that it should be of. `name`: the member it is, or is an element of. */
export type DraftPlace = { path: Path; name: string; type: SchemaType; value: Json; required: boolean };

export type Scene = { situation: Situation; places: readonly DraftPlace[] };

/** Breaks one thing; undefined where the draft has nothing of that kind. */
export type Mutation = {
  weight: number;
  apply(draw: Draw, draft: Draft, scene: Scene): Draft | undefined;
};

/** Breaks what only bytes can say. */
export type TextMutation = { apply(draw: Draw, draft: Draft, scene: Scene): RawStep | undefined };

/** Every typed value of a draft, the arguments themselves first; what is there too much has no place. */
export function placesOf(schema: QmpSchema, { command, args }: Draft): DraftPlace[] {
  const argsType = schema.commands.get(command)?.argsType;
  return argsType === undefined ? [] : within(schema, argsType, args, [], '', true);
}

function within(
  schema: QmpSchema,
  typeName: string,
  value: Json,
  path: Path,
  name: string,
  required: boolean,
): DraftPlace[] {
  const type = branchFor(schema, schema.type(typeName), value);
  const here: DraftPlace = { path, name, type, value, required };
  if (asReference(value)) return [here];
  if (type.kind === 'array' && Array.isArray(value)) {
    return [
      here,
      ...value.flatMap((each, i) => within(schema, type.element, each, [...path, i], name, true)),
    ];
  }
  if (type.kind !== 'object' || !isJsonObject(value)) return [here];
  const members = membersOf(schema, type, value[type.tag ?? '']);
  return [
    here,
    ...members.flatMap((member) => {
      const inner = value[member.name];
      if (inner === undefined) return [];
      return within(schema, member.type, inner, [...path, member.name], member.name, !member.optional);
    }),
  ];
}

/** An object's members, with those of the variant that `tag` chooses, which may be a union too. */
export function membersOf(
  schema: QmpSchema,
  type: Extract<SchemaType, { kind: 'object' }>,
  tag: Json | undefined,
): { name: string; type: string; optional: boolean }[] {
  const chosen = type.variants.find((variant) => variant.case === tag);
  const variant = chosen && schema.type(chosen.type);
  return variant?.kind === 'object' ? [...type.members, ...variant.members] : [...type.members];
}

/** Of an alternate, the branch that the value's kind picks; the alternate itself where none does. */
function branchFor(schema: QmpSchema, type: SchemaType, value: Json): SchemaType {
  if (type.kind !== 'alternate') return type;
  const branches = type.members.map((name) => schema.type(name));
  const fits = (branch: SchemaType): boolean => {
    if (branch.kind === 'object') return isJsonObject(value) && !asReference(value);
    if (branch.kind === 'array') return Array.isArray(value);
    if (branch.kind === 'enum' || branch.name === 'str') {
      return typeof value === 'string' || asReference(value) !== undefined;
    }
    return branch.name === 'null' && value === null;
  };
  return branches.find(fits) ?? type;
}

/** The arguments with another value at that path; undefined takes it away. */
export function replaced({ command, args }: Draft, path: Path, value: Json | undefined): Draft {
  const changed = put(args, path, value);
  return { command, args: isJsonObject(changed) ? changed : args };
}

function put(here: Json, path: Path, value: Json | undefined): Json | undefined {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (Array.isArray(here)) {
    return here.flatMap((inner, i) => (i === key ? asList(put(inner, rest, value)) : [inner]));
  }
  if (!isJsonObject(here)) return here;
  const inner = put(here[key] ?? null, rest, value);
  const { [String(key)]: _, ...others } = here;
  return inner === undefined ? others : { ...here, [key]: inner };
}

const asList = (value: Json | undefined): Json[] => (value === undefined ? [] : [value]);
