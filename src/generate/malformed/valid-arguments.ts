import type { SchemaType } from '../../qmp/schema.ts';
import { isJsonObject, type JsonObject } from '../../sequence/json-object.ts';
import type { Json } from '../../sequence/step.ts';
import type { Draw } from '../draw.ts';
import type { Situation } from '../situation.ts';
import { allowedValues } from './commands.ts';
import { membersOf } from './draft.ts';
import { malformedLimits } from './limits.ts';
import { type Asked, leftOut, plausibleValue, reopened } from './plausible-value.ts';

/** Arguments that the binary's schema has nothing against, and that mean something where things stand as believed. */
export function validArguments(draw: Draw, situation: Situation, command: string): JsonObject {
  const { schema } = situation.binary;
  const info = schema.commands.get(command);
  if (!info) return {};
  const filled = fill(draw, situation, schema.type(info.argsType), { command, name: '', level: 0 });
  return isJsonObject(filled) ? filled : {};
}

/** What one of its arguments may be. */
export function filledMember(
  draw: Draw,
  situation: Situation,
  command: string,
  { name, type }: { name: string; type: string },
): Json {
  return fill(draw, situation, situation.binary.schema.type(type), { command, name, level: 0 });
}

/** By what the member's name stands for where that is known, else by its type. */
function fill(draw: Draw, situation: Situation, type: SchemaType, asked: Asked): Json {
  const known = plausibleValue(draw, situation, type, asked);
  if (known !== undefined) return known;
  const { schema } = situation.binary;
  switch (type.kind) {
    case 'builtin':
      return plainValue(draw, type.jsonType);
    case 'enum':
      return draw.anyOf(allowedValues(asked.name, type.values)) ?? '';
    case 'array': {
      const element = schema.type(type.element);
      return Array.from({ length: draw.int(1, 2) }, () => fill(draw, situation, element, asked));
    }
    case 'object':
      return filledObject(draw, situation, type, asked);
    case 'alternate': {
      const branches = type.members.map((name) => schema.type(name));
      const shallow = branches.filter(({ kind }) => kind !== 'object');
      const wanted = asked.level >= malformedLimits.fillLevels || draw.chance(0.6) ? shallow : branches;
      const branch = draw.anyOf(wanted.length > 0 ? wanted : branches);
      return branch ? fill(draw, situation, branch, asked) : null;
    }
  }
}

function filledObject(
  draw: Draw,
  situation: Situation,
  type: Extract<SchemaType, { kind: 'object' }>,
  { command, level: around }: Asked,
): JsonObject {
  const { schema } = situation.binary;
  const isNode = type.tag === 'driver';
  const level = around + (isNode ? 1 : 0);
  const filled: JsonObject = isNode && level === 1 && /reopen/.test(command) ? reopened(draw, situation) : {};
  const tagged = type.members.find(({ name }) => name === type.tag);
  if (tagged) {
    filled[tagged.name] ??= fill(draw, situation, schema.type(tagged.type), {
      command,
      name: tagged.name,
      level,
    });
  }
  const action = typeof filled.type === 'string' && command === 'transaction' ? filled.type : command;
  for (const { name, type: typeName, optional } of membersOf(schema, type, filled[type.tag ?? ''])) {
    if (name in filled || (optional && !isFilled(draw, action, name))) continue;
    filled[name] = fill(draw, situation, schema.type(typeName), { command: action, name, level });
  }
  return filled;
}

/** A job's id and a node's name may be left out, and then nothing later can speak of them. */
function isFilled(draw: Draw, command: string, name: string): boolean {
  if (leftOut.has(name) || (name === 'backing' && /reopen/.test(command))) return false;
  const isNeeded = name === 'job-id' || (name === 'node-name' && command !== 'drive-mirror');
  return draw.chance(isNeeded ? 0.9 : malformedLimits.optionalShare);
}

function plainValue(draw: Draw, jsonType: Extract<SchemaType, { kind: 'builtin' }>['jsonType']): Json {
  switch (jsonType) {
    case 'string':
      return draw.oneOf(['a', 'none', 'x1']);
    case 'int':
    case 'number':
      return draw.oneOf([0, 1, 2, 16, 512, 4096]);
    case 'boolean':
      return draw.chance(0.5);
    case 'null':
      return null;
    case 'array':
      return [];
    case 'object':
    case 'value':
      return {};
  }
}
