/** A value as QEMU's option strings have it: a comma ends it unless it is doubled (`TMPDIR=/tmp/a,b`). */
export function optionValue(text: string): string {
  return text.replaceAll(',', ',,');
}

/** A path as the query of a URL has it: a blank or an ampersand would end it. */
export function uriValue(path: string): string {
  return encodeURIComponent(path).replaceAll('%2F', '/');
}
