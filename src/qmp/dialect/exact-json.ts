import type { Json } from '../../sequence/step.ts';

/** JSON whose numbers print with the digits they were read with: QEMU tells 8.0 from 8, and has 64 bits. */
export function parseExactly(text: string): Json {
  return parse(text, (_, value, { source } = {}) =>
    typeof value === 'number' && String(value) !== source && source !== undefined ? rawJSON(source) : value,
  );
}

export const isExactNumber = (value: Json): boolean => isRawJSON(value);

/**
 * As QEMU's parser takes it: strings in single quotes are strings too, and `\'` is an escape (json-lexer.c). The result
 * has the same values in the JSON of everybody else.
 */
export function strictJson(text: string): string {
  if (!text.includes("'")) return text;
  return text.replaceAll(quoted, (literal) => {
    const inner = literal.slice(1, -1).replaceAll(/\\.|"/gs, (part) => {
      if (part === '"') return '\\"';
      return part === "\\'" ? "'" : part;
    });
    return `"${inner}"`;
  });
}

const quoted = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/gs;

type Reviver = (key: string, value: Json, context?: { source?: string }) => Json;

/** ECMAScript's JSON.parse source text access; not yet in TypeScript's library. */
const { parse, rawJSON, isRawJSON } = JSON as unknown as {
  parse(text: string, reviver: Reviver): Json;
  rawJSON(text: string): Json;
  isRawJSON(value: unknown): boolean;
};
