import { isJsonObject, type JsonObject } from '../sequence/json-object.ts';
import type { Json } from '../sequence/step.ts';
import type { AlternateType, BuiltinType, Member, ObjectType, QmpSchema, SchemaType } from './schema.ts';

/** One way in which a value is not of its type. `path` as QEMU writes it: `actions[0].data.id`, empty for the whole. */
export type SchemaMismatch = { path: string; problem: Problem; text: string };
export type Problem = 'missing-member' | 'unexpected-member' | 'wrong-type' | 'unknown-enum-value';

/** All that is wrong with a value by the schema; nothing where it conforms. Ranges of integers are not in the schema. */
export function conforms(schema: QmpSchema, value: Json, typeName: string, path = ''): SchemaMismatch[] {
  const type = schema.type(typeName);
  switch (type.kind) {
    case 'builtin':
      return isBuiltin(value, type) ? [] : [wrongType(path, type, value)];
    case 'enum':
      if (typeof value !== 'string') return [wrongType(path, type, value)];
      return type.values.includes(value)
        ? []
        : [
            {
              path,
              problem: 'unknown-enum-value',
              text: `${JSON.stringify(value)} is none of ${type.values.join(', ')}`,
            },
          ];
    case 'array':
      if (!Array.isArray(value)) return [wrongType(path, type, value)];
      return value.flatMap((element, index) => conforms(schema, element, type.element, `${path}[${index}]`));
    case 'object':
      return isJsonObject(value)
        ? objectMismatches(schema, value, type, path)
        : [wrongType(path, type, value)];
    case 'alternate':
      return alternateMismatches(schema, value, type, path);
  }
}

function objectMismatches(
  schema: QmpSchema,
  value: JsonObject,
  type: ObjectType,
  path: string,
): SchemaMismatch[] {
  const { members, decided } = membersOf(schema, value, type);
  const inner = (name: string): string => (path === '' ? name : `${path}.${name}`);
  const expected = members.flatMap(({ name, type: memberType, optional }): SchemaMismatch[] => {
    if (Object.hasOwn(value, name)) return conforms(schema, value[name]!, memberType, inner(name));
    return optional ? [] : [{ path: inner(name), problem: 'missing-member', text: `${name} is missing` }];
  });
  if (!decided) return expected; // the tag is wrong, and said to be: what else belongs here is unknown
  const names = new Set(members.map(({ name }) => name));
  const unexpected = Object.keys(value)
    .filter((name) => !names.has(name))
    .map(
      (name): SchemaMismatch => ({
        path: inner(name),
        problem: 'unexpected-member',
        text: `${name} is unexpected`,
      }),
    );
  return [...expected, ...unexpected];
}

/** The members that this very value has to have: its union's base and the variant that its tag chooses, which may be a union too. */
function membersOf(
  schema: QmpSchema,
  value: JsonObject,
  type: ObjectType,
): { members: readonly Member[]; decided: boolean } {
  if (type.tag === undefined) return { members: type.members, decided: true };
  const tag = Object.hasOwn(value, type.tag) ? value[type.tag] : undefined;
  const tagMember = type.members.find(({ name }) => name === type.tag);
  const tagType = tagMember && schema.type(tagMember.type);
  const variant = type.variants.find((candidate) => candidate.case === tag);
  if (variant === undefined) {
    const decided = tagType?.kind === 'enum' && typeof tag === 'string' && tagType.values.includes(tag);
    return { members: type.members, decided };
  }
  const chosen = schema.type(variant.type);
  if (chosen.kind !== 'object') return { members: type.members, decided: true };
  const rest = membersOf(schema, value, chosen);
  return { members: [...type.members, ...rest.members], decided: rest.decided };
}

/** At most one branch fits a kind of JSON value, but for numbers: there the first that conforms counts. */
function alternateMismatches(
  schema: QmpSchema,
  value: Json,
  type: AlternateType,
  path: string,
): SchemaMismatch[] {
  const fitting = type.members.filter((branch) => fitsKind(value, schema.type(branch)));
  if (fitting.length === 0) return [wrongType(path, type, value)];
  const results = fitting.map((branch) => conforms(schema, value, branch, path));
  return results.find((mismatches) => mismatches.length === 0) ?? results[0]!;
}

function fitsKind(value: Json, type: SchemaType): boolean {
  switch (type.kind) {
    case 'builtin':
      return isBuiltin(value, type);
    case 'enum':
      return typeof value === 'string';
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isJsonObject(value);
    case 'alternate':
      return true;
  }
}

function isBuiltin(value: Json, { jsonType }: BuiltinType): boolean {
  switch (jsonType) {
    case 'value':
      return true;
    case 'string':
    case 'number':
    case 'boolean':
      return typeof value === jsonType;
    case 'int':
      // int64 or uint64 by the C code; 2^64-1 reads as 2^64 here
      return Number.isInteger(value) && Number(value) >= -(2 ** 63) && Number(value) <= 2 ** 64;
    case 'null':
      return value === null;
    case 'object':
      return isJsonObject(value);
    case 'array':
      return Array.isArray(value);
  }
}

function wrongType(path: string, type: SchemaType, value: Json): SchemaMismatch {
  const expected = type.kind === 'builtin' ? type.name : type.kind === 'enum' ? 'string' : type.kind;
  return { path, problem: 'wrong-type', text: `expected ${expected}, not ${kindOf(value)}` };
}

function kindOf(value: Json): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value === 'number' ? `number ${value}` : typeof value;
}
