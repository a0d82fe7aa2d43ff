import type { Json } from './step.ts';

export type JsonObject = { [key: string]: Json };

/** A JSON object, and not an array or null. */
export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
