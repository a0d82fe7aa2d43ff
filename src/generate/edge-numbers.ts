import { cardOf, cards } from '../qemu/cards.ts';
import { edgesOf, type NumberRange } from '../qemu/number-range.ts';
import { isJsonObject, type JsonObject } from '../sequence/json-object.ts';
import { asReference } from '../sequence/reference.ts';
import type { Json } from '../sequence/step.ts';

/** The edge of a range lies between the two sides: what is inside is taken, as far as the number is concerned. */
export type Side = 'inside' | 'outside';

/** Arguments of a command with limits, by name; members of members by `a.b`. */
export function limitedNumbers(command: string): Readonly<Record<string, NumberRange>> {
  const { numbers = {}, limits = {} } = cardOf(command) ?? {};
  return { ...numbers, ...limits };
}

/** Each argument that has limits somewhere, and the commands that take it. */
export const limitedArguments: ReadonlyMap<string, readonly string[]> = readLimited();

function readLimited(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const command of Object.keys(cards)) {
    for (const path of Object.keys(limitedNumbers(command)))
      found.set(path, [...(found.get(path) ?? []), command]);
  }
  return found;
}

/** The numbers on that side of its limits, as digits: those of int64 cannot all be kept by JSON's readers here. */
export function edgeDigits(range: NumberRange, side: Side): string[] {
  const int64 = side === 'inside' ? '9223372036854775807' : '9223372036854775808';
  const isOpen = range.most === undefined && !range.powerOfTwo;
  return [...edgesOf(range)[side].map(String), ...(isOpen ? [int64] : [])];
}

/** On which side of that argument's limits, and next to them, the command's arguments are. */
export function sideOf(command: string, args: JsonObject, path: string): Side | undefined {
  const range = limitedNumbers(command)[path];
  const digits = range && digitsAt(args, path.split('.'));
  if (digits === undefined) return undefined;
  return (['inside', 'outside'] as const).find((side) =>
    edgeDigits(range as NumberRange, side).includes(digits),
  );
}

function digitsAt(value: Json | undefined, [name, ...rest]: readonly string[]): string | undefined {
  if (name !== undefined) return isJsonObject(value) ? digitsAt(value[name], rest) : undefined;
  if (typeof value === 'number') return String(value);
  const reference = value === undefined ? undefined : asReference(value);
  return reference?.kind === 'number' ? reference.digits : undefined;
}

/** The arguments with that number there. */
export function withNumber(args: JsonObject, path: string, number: Json): JsonObject {
  const [name = '', ...rest] = path.split('.');
  if (rest.length === 0) return { ...args, [name]: number };
  const inner = args[name];
  return { ...args, [name]: withNumber(isJsonObject(inner) ? inner : {}, rest.join('.'), number) };
}
