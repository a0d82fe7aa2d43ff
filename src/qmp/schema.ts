import { z } from 'zod';
import { EnvironmentError } from '../errors.ts';
import type { Json } from '../sequence/step.ts';

/**
 * What one QEMU binary says it understands: `query-qmp-schema`, typed. Type names are opaque and differ between
 * builds; only commands, events and the builtins (`str`, `int`, `number`, `bool`, `null`, `any`) have real ones.
 */
export type QmpSchema = {
  commands: ReadonlyMap<string, CommandInfo>;
  events: ReadonlyMap<string, EventInfo>;
  /** Throws RangeError for a name that is no type of this schema. */
  type(name: string): SchemaType;
};

/** `args` and `returns` are looked up when first read. `features`: `deprecated`, `unstable` and the like. */
export type CommandInfo = {
  name: string;
  argsType: string;
  args: ObjectType;
  returnsType: string;
  returns: SchemaType;
  allowOob: boolean;
  features: readonly string[];
};
export type EventInfo = { name: string; dataType: string; data: ObjectType; features: readonly string[] };

/** Types refer to each other by name, as they are recursive (a block node's options hold its backing node's). */
export type SchemaType = BuiltinType | EnumType | ArrayType | ObjectType | AlternateType;
export type BuiltinType = { kind: 'builtin'; name: string; jsonType: JsonType };
export type EnumType = { kind: 'enum'; name: string; values: readonly string[] };
export type ArrayType = { kind: 'array'; name: string; element: string };
/** Of a union, `tag` names the member whose value chooses a variant; a value without an own variant adds no members. */
export type ObjectType = {
  kind: 'object';
  name: string;
  members: readonly Member[];
  tag?: string;
  variants: readonly Variant[];
};
/** One of several types, told apart by the kind of JSON value. */
export type AlternateType = { kind: 'alternate'; name: string; members: readonly string[] };

export type Member = { name: string; type: string; optional: boolean; features: readonly string[] };
export type Variant = { case: string; type: string };
export type JsonType = z.infer<typeof jsonType>;

/** Reads the `return` value of `query-qmp-schema`. Throws EnvironmentError where it is no schema, or one with holes. */
export function readSchema(reply: Json): QmpSchema {
  const entries = parseEntries(reply);
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  requireWhole(entries, byName);

  const known = new Map<string, SchemaType>();
  const type = (name: string): SchemaType => {
    let found = known.get(name);
    if (found === undefined) {
      found = asType(byName.get(name), name);
      known.set(name, found);
    }
    return found;
  };
  const objectType = (name: string): ObjectType => {
    const found = type(name);
    return found.kind === 'object' ? found : { kind: 'object', name, members: [], variants: [] };
  };

  const commands = new Map<string, CommandInfo>();
  const events = new Map<string, EventInfo>();
  for (const entry of entries) {
    const { name, features } = entry;
    if (entry['meta-type'] === 'command') {
      const { 'arg-type': argsType, 'ret-type': returnsType, 'allow-oob': allowOob } = entry;
      commands.set(name, {
        name,
        argsType,
        returnsType,
        allowOob,
        features,
        get args() {
          return objectType(argsType);
        },
        get returns() {
          return type(returnsType);
        },
      });
    } else if (entry['meta-type'] === 'event') {
      const dataType = entry['arg-type'];
      events.set(name, {
        name,
        dataType,
        features,
        get data() {
          return objectType(dataType);
        },
      });
    }
  }
  return { commands, events, type };
}

const jsonType = z.enum(['string', 'number', 'int', 'boolean', 'null', 'object', 'array', 'value']);
const features = z.array(z.string()).default([]);
const common = { name: z.string(), features };
const variantSchema = z.object({ case: z.string(), type: z.string() });
const memberSchema = z
  .object({ name: z.string(), type: z.string(), default: z.json().optional(), features })
  // introspect.json: "default" is there, and null so far, where the member may be left out
  .transform(
    ({ name, type, features, ...rest }): Member => ({ name, type, optional: 'default' in rest, features }),
  );

const entrySchema = z.discriminatedUnion('meta-type', [
  z.object({ 'meta-type': z.literal('builtin'), ...common, 'json-type': jsonType }),
  z.object({
    'meta-type': z.literal('enum'),
    ...common,
    values: z.array(z.string()).optional(), // all there is in 5.2; deprecated beside `members` since 6.2
    members: z.array(z.object({ name: z.string() })).optional(),
  }),
  z.object({ 'meta-type': z.literal('array'), ...common, 'element-type': z.string() }),
  z.object({
    'meta-type': z.literal('object'),
    ...common,
    members: z.array(memberSchema),
    tag: z.string().optional(),
    variants: z.array(variantSchema).default([]),
  }),
  z.object({
    'meta-type': z.literal('alternate'),
    ...common,
    members: z.array(z.object({ type: z.string() })),
  }),
  z.object({
    'meta-type': z.literal('command'),
    ...common,
    'arg-type': z.string(),
    'ret-type': z.string(),
    'allow-oob': z.boolean().default(false),
  }),
  z.object({ 'meta-type': z.literal('event'), ...common, 'arg-type': z.string() }),
]);
type Entry = z.infer<typeof entrySchema>;

function parseEntries(reply: Json): Entry[] {
  const parsed = z.array(entrySchema).safeParse(reply);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw noSchema(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
}

/** So that whoever follows a type's name later need not doubt that it leads somewhere. */
function requireWhole(entries: readonly Entry[], byName: ReadonlyMap<string, Entry>): void {
  for (const entry of entries) {
    for (const name of references(entry)) {
      const metaType = byName.get(name)?.['meta-type'];
      const isType = metaType !== undefined && metaType !== 'command' && metaType !== 'event';
      if (!isType)
        throw noSchema(`${entry['meta-type']} ${entry.name} refers to ${name}, which is no type of it`);
    }
  }
}

function references(entry: Entry): string[] {
  switch (entry['meta-type']) {
    case 'builtin':
    case 'enum':
      return [];
    case 'array':
      return [entry['element-type']];
    case 'object':
      return [...entry.members, ...entry.variants].map(({ type }) => type);
    case 'alternate':
      return entry.members.map(({ type }) => type);
    case 'command':
      return [entry['arg-type'], entry['ret-type']];
    case 'event':
      return [entry['arg-type']];
  }
}

function asType(entry: Entry | undefined, name: string): SchemaType {
  switch (entry?.['meta-type']) {
    case 'builtin':
      return { kind: 'builtin', name, jsonType: entry['json-type'] };
    case 'enum':
      return {
        kind: 'enum',
        name,
        values: entry.members?.map((member) => member.name) ?? entry.values ?? [],
      };
    case 'array':
      return { kind: 'array', name, element: entry['element-type'] };
    case 'object': {
      const { members, variants, tag } = entry;
      return { kind: 'object', name, members, variants, ...(tag === undefined ? {} : { tag }) };
    }
    case 'alternate':
      return { kind: 'alternate', name, members: entry.members.map(({ type }) => type) };
    case 'command':
    case 'event':
    case undefined:
      throw new RangeError(`no type ${name} in this QMP schema`);
  }
}

function noSchema(detail: string): EnvironmentError {
  return new EnvironmentError(
    `QEMU's reply to query-qmp-schema can't be used: ${detail}`,
    'is this QEMU 5.2 or newer, unmodified?',
  );
}
