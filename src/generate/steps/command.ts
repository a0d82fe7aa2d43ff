import type { ObjectType, QmpSchema } from '../../qmp/schema.ts';
import { isJsonObject, type JsonObject } from '../../sequence/json-object.ts';
import type { Json, QmpStep } from '../../sequence/step.ts';
import type { Draw } from '../draw.ts';
import type { Binary, Situation } from '../situation.ts';

/**
 * A command as this binary understands it: arguments and enum values that its schema lacks are left out. undefined
 * where it has no such command.
 */
export function command(
  draw: Draw,
  situation: Situation,
  name: string,
  args: JsonObject = {},
): QmpStep | undefined {
  const { schema } = situation.binary;
  const info = schema.commands.get(name);
  if (!info) return undefined;
  const known = knownMembers(schema, args, info.args);
  const unawaited = situation.suspended || draw.chance(situation.habits.unawaited);
  return {
    qmp: name,
    ...(Object.keys(known).length > 0 ? { args: known } : {}),
    ...(unawaited ? { wait: false as const } : {}),
  };
}

/** The step, or nothing, as makers give it. */
export const only = (step: QmpStep | undefined): QmpStep[] | undefined => step && [step];

/** Whether the binary has the command, and its argument where one is named. */
export function offers({ binary }: Pick<Situation, 'binary'>, name: string, argument?: string): boolean {
  const info = binary.schema.commands.get(name);
  return (
    info !== undefined &&
    (argument === undefined || info.args.members.some((member) => member.name === argument))
  );
}

/** Whether the binary has nodes of that driver. */
export function hasDriver({ schema }: Binary, driver: string): boolean {
  const member = schema.commands.get('blockdev-add')?.args.members.find(({ name }) => name === 'driver');
  const type = member && schema.type(member.type);
  return type?.kind === 'enum' && type.values.includes(driver);
}

/** The members that the type has, down into plain objects; unions are left as they are. */
export function knownMembers(schema: QmpSchema, value: JsonObject, type: ObjectType): JsonObject {
  if (type.tag !== undefined) return value;
  const known: JsonObject = {};
  for (const [name, inner] of Object.entries(value)) {
    const member = type.members.find((candidate) => candidate.name === name);
    const memberType = member && schema.type(member.type);
    if (!memberType || !isKnownValue(inner, memberType)) continue;
    known[name] =
      memberType.kind === 'object' && isJsonObject(inner) ? knownMembers(schema, inner, memberType) : inner;
  }
  return known;
}

const isKnownValue = (value: Json, type: ReturnType<QmpSchema['type']>): boolean =>
  type.kind !== 'enum' || (typeof value === 'string' && type.values.includes(value));
