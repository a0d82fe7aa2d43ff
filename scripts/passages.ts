/** One statement of QEMU's documentation on one line. `section`: the QAPI entity, or the heading. */
export type Passage = { file: string; section: string; text: string };

/** A paragraph, a member or an item of a list each; examples and code are none that anybody quotes. */
export const passagesOf = (file: string, text: string): Passage[] =>
  file.endsWith('.json') ? ofSchema(file, text) : ofManual(file, text);

/** The comments that document a QAPI schema. */
function ofSchema(file: string, text: string): Passage[] {
  return [...text.matchAll(/^##\n# @([\w-]+):\n([\s\S]*?)^##$/gm)].flatMap(([, section = '', body = '']) => {
    const lines = body.split('\n').map((line) => line.replace(/^# ?/, ''));
    return pieces(lines, /^(@[\w-]+:|- |[A-Z][a-z]+: |\.\. )/).map((piece) => ({
      file,
      section,
      text: piece.replace(/^(@[\w-]+:|-|Returns:)\s*/, ''),
    }));
  });
}

/** reStructuredText. */
function ofManual(file: string, text: string): Passage[] {
  const lines = text.split('\n');
  const heads = lines.flatMap((line, i) =>
    /^([=~-])\1{3,}$/.test(line) && lines[i - 1]?.trim() ? [i - 1] : [],
  );
  return heads.flatMap((from, i) =>
    pieces(lines.slice(from + 2, heads[i + 1]), /^(\(\w\) |- |\.\. )/).map((piece) => ({
      file,
      section: lines[from] as string,
      text: piece.replace(/^(\(\w\)|-|\.\. note::)\s*/, ''),
    })),
  );
}

/** Texts between empty lines and beginnings of items, each on one line. */
function pieces(lines: readonly string[], item: RegExp): string[] {
  const found: string[] = [''];
  for (const line of lines) {
    const said = line.trim();
    if (said === '' || item.test(said)) found.push(said);
    else found.push(`${found.pop()} ${said}`.trim());
  }
  return found.filter((piece) => piece !== '').map((piece) => piece.replaceAll(/\s+/g, ' '));
}
