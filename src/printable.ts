/*
 * QEMU's words, names of a sequence, titles and traces are hostile: they hold newlines that forge a line or end a comment
 * of a script, terminal escapes, and marks that turn the direction of writing. Every sink passes them through here.
 */

/** A text on one line, with every character that is not simply seen written out: `\n`, `\x1b`, `\u202e`. */
export function printable(text: string): string {
  return text.replaceAll(unseen, writtenOut);
}

/** The same for several lines: each newline stays. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

/** For a terminal: newlines and the colours of styleText stay, which nobody is harmed by. */
export function printableOnTerminal(text: string): string {
  return text
    .split(keptOnTerminal)
    .map((part, i) => (i % 2 === 1 ? part : printable(part)))
    .join('');
}

/** A JSON text that means the same and holds no such character. */
export function printableJson(text: string): string {
  // JSON.stringify has escaped what JSON does not allow; newlines are its own layout.
  return text.replaceAll(unseen, (char) =>
    char === '\n' ? char : char.replaceAll(/./gs, (unit) => `\\u${hex(unit.charCodeAt(0), 4)}`),
  );
}

/** A text as Markdown shows it: nothing in it is markup, HTML or a reference. What is none anyway stays as it is. */
export function markdownText(text: string): string {
  return printable(text)
    .trim()
    .replaceAll(markup, '\\$&')
    .replace(/^(\d*)([#+=*>-]+|[.)])(?=\s|$)/, '$1\\$2');
}

/** As `markdownText`, in a cell of a table. */
export const markdownCell = (text: string): string => markdownText(text).replaceAll('|', '\\|');

const markup =
  /[\\`~]|(?<!\s)\*|\*(?!\s)|(?<![^\W_])_|_(?![^\W_])|<(?=[a-z/!?])|\](?=[([:])|&(?=[#\w]+;)|^>/gi;

const keptOnTerminal = new RegExp(`(\n|${String.fromCharCode(0x1b)}\\[\\d{1,2}m)`);

/** Controls, format characters (directions, zero width), line separators, halves of surrogate pairs. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

const shortForms: Record<string, string | undefined> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function writtenOut(char: string): string {
  const code = char.codePointAt(0) as number;
  if (code > 0xffff) return `\\u{${code.toString(16)}}`;
  return shortForms[char] ?? (code < 0x100 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`);
}

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, '0');
