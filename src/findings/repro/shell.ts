import type { Json } from '../../sequence/step.ts';

/** A text as one word of a shell command. */
export function quote(text: string): string {
  if (/^[\w./:=@%+,-]+$/.test(text)) return text;
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** A line of comment: what a hostile name holds must not end it. */
export function comment(text: string): string {
  return `# ${text.replaceAll(/\s+/g, ' ')}`;
}

/** JSON on one line with a blank after each colon and comma. */
export function json(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(json).join(', ')}]`;
  if (value === null || typeof value !== 'object' || isRawJSON(value)) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, inner]) => `${JSON.stringify(key)}: ${json(inner)}`)
    .join(', ')}}`;
}

/** A number with the digits it was given in (ECMAScript's JSON.rawJSON; not yet in TypeScript's library). */
const { isRawJSON } = JSON as unknown as { isRawJSON(value: unknown): boolean };
