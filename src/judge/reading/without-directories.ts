/** What a tool says of a file, without where that lay: every run has a directory of its own. */
export const withoutDirectories = (text: string): string => text.replaceAll(/\/(?:[^\s/'"]+\/)+/g, '');
