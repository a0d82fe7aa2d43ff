import { printable, printableJson } from '../../printable.ts';
import type { Json } from '../../sequence/step.ts';

/** A text as one word of a shell command; bytes that are not simply seen are written as `$'\\xNN'`. */
export function quote(text: string): string {
  if (/^[\w./:=@%+,-]+$/.test(text)) return text;
  if (printable(text) === text) return `'${text.replaceAll("'", "'\\''")}'`;
  const escaped = [...text].map((char) => {
    if (char === "'" || char === '\\') return `\\${char}`;
    if (printable(char) === char) return char;
    return [...Buffer.from(char)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
  });
  return `$'${escaped.join('')}'`;
}

/** A line of comment: what a hostile name holds must not end it. */
export const comment = (text: string): string => `# ${printable(text.replaceAll(/\s+/g, ' '))}`;

/** JSON on one line with a blank after each colon and comma. */
export function json(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(json).join(', ')}]`;
  if (value === null || typeof value !== 'object' || isRawJSON(value)) return jsonText(value);
  return `{${Object.entries(value)
    .map(([key, inner]) => `${jsonText(key)}: ${json(inner)}`)
    .join(', ')}}`;
}

const jsonText = (value: Json): string => printableJson(JSON.stringify(value));

/** A number with the digits it was given in (ECMAScript's JSON.rawJSON; not yet in TypeScript's library). */
const { isRawJSON } = JSON as unknown as { isRawJSON(value: unknown): boolean };
