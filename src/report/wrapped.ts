/** A text in lines of at most so many characters, each indented; a longer word has a line of its own. */
export function wrapped(text: string, { width, indent }: { width: number; indent: number }): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter(Boolean)) {
    if (line !== '' && indent + line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((each) => ' '.repeat(indent) + each);
}

/** What a terminal has at least. */
export const terminalColumns = 80;
