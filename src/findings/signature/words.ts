import type { OwnNames } from './names.ts';

/**
 * A text without what differs from one run to the next: the names that the sequence chose, quoted hostile strings,
 * addresses, paths, numbers. What is left several times in a list stands once.
 */
export function plainWords(text: string, names: OwnNames): string {
  const quoted = withoutJobs(text).replaceAll(
    /(['"])((?:(?!\1).)*)\1/g,
    (whole, quote: string, inner: string) => {
      const role = names.get(inner);
      if (role !== undefined) return role;
      return isWord(inner) ? whole : `${quote}TEXT${quote}`;
    },
  );
  const named = quoted.replaceAll(/[A-Za-z#][\w.#-]*/g, (word) => names.get(word) ?? word);
  return withoutRepeats(withoutNumbers(named));
}

/** Which job it was says nothing, and one that never was has no name of ours. */
const withoutJobs = (text: string): string =>
  text.replaceAll(/\b(job) (?:"[^"]*"|'[^']*'|[A-Za-z#][\w.#-]*\d[\w.#-]*)/g, '$1 JOB');

export function withoutNumbers(text: string): string {
  return text
    .replaceAll(/0x[0-9a-f]+/gi, 'ADDRESS')
    .replaceAll(/(?<![\w.])\.{0,2}\/[^\s:'"`,)]+/g, 'PATH')
    .replaceAll(/#block\d+/g, '#block')
    .replaceAll(/(?<![A-Za-z_])-?\d+(?:\.\d+)?/g, 'N');
}

/** QEMU's own words: statuses, verbs, names of arguments. A generated name has digits, capitals or worse in it. */
const isWord = (text: string): boolean => /^[a-z][a-z-]{1,30}$/.test(text);

function withoutRepeats(text: string): string {
  return text.replaceAll(/(\S+)(?:, \1)+(?![\w-])/g, '$1');
}
