/** What a rule quotes of QEMU's documentation: a literal sentence of a file, in a version. */
export type Quote = { file: string; version: string; about: string; sentence: string };

/**
 * A rule's source is either `FILE (QEMU VERSION), ABOUT: "SENTENCE"`, with what else there is to say after a semicolon,
 * or it begins with `we expect: ` (or `we expect it: `) and says why; then undefined.
 */
export function quoteOf(source: string): Quote | undefined {
  const found = /^(\S+) \(QEMU ([\d.]+)\), ([^:]+): "(.*?)"(?:; |$)/.exec(source);
  if (!found) return undefined;
  const [, file = '', version = '', about = '', sentence = ''] = found;
  return { file, version, about, sentence };
}

export const isExpectation = (source: string): boolean => /^we expect( it)?: /.test(source);
