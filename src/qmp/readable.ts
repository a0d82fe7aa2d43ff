import type { Json } from '../sequence/step.ts';

/**
 * Whether QEMU's parser takes a value that is JSON all the same. What it refuses is answered by a parse error without
 * an id, so that the command itself stays unanswered (json-parser.c, unicode.c; seen on 5.2 to 11.1): half a surrogate
 * pair, Unicode's noncharacters, and more levels than 1024, of which the command itself is one.
 */
export function isReadable(value: Json, levels = 1023): boolean {
  if (typeof value === 'string') return value.isWellFormed() && !noncharacter.test(value);
  if (value === null || typeof value !== 'object') return true;
  if (levels === 0) return false;
  return Object.entries(value).every(([key, inner]) => isReadable(key) && isReadable(inner, levels - 1));
}

const noncharacter = /\p{Noncharacter_Code_Point}/u;
