/** A value as QEMU's option strings have it: a comma ends it unless it is doubled (`TMPDIR=/tmp/a,b`). */
export function optionValue(text: string): string {
  return text.replaceAll(',', ',,');
}
