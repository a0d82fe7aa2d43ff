import { markdownCell, markdownText, printable } from '../../printable.ts';

/** Running text from elsewhere: it is shown as it is, and is no markup. */
export const words = (text: string): string => markdownText(oneLine(text));

export const cell = (text: string): string => markdownCell(oneLine(text));

/** A name of ours, in a type of its own; of another one, words. */
export const code = (name: string): string => (/^[\w/.-]+$/.test(name) ? `\`${name}\`` : words(name));

/** Lines as they are. Long ones are cut, unless they are to be run: `whole`. */
export function fenced(lines: readonly string[], language = 'text', length: 'cut' | 'whole' = 'cut'): string {
  const shown = lines
    .map(printable)
    .map((line) =>
      length === 'cut' && line.length > lineCharsMax ? `${line.slice(0, lineCharsMax)}…` : line,
    );
  // A fence longer than any in the text: hostile names hold backticks.
  const longest = Math.max(
    2,
    ...shown.flatMap((line) => [...line.matchAll(/`+/g)].map(([ticks]) => ticks.length)),
  );
  const fence = '`'.repeat(longest + 1);
  return [`${fence}${language}`, ...shown, fence].join('\n');
}

/** What people read of a line. */
const lineCharsMax = 400;

export const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

/** One that Markdown makes a link of by itself. */
export const isUrl = (text: string): boolean => /^https?:\/\/[\w.~:/?#@!$&+,;=%-]+$/.test(text);
