/**
 * The text of src/qemu/versions.ts with a row for that series, the last, if it has none; a suite moves to it from the row
 * that had it, since sid is another QEMU every few months.
 */
export function withRow(text: string, series: string, suite: string): string {
  if (text.includes(`series: '${series}'`)) return text;
  const end = text.indexOf('\n] as const satisfies readonly Row[]');
  if (end === -1) throw new Error('src/qemu/versions.ts has no list of rows that ends as it did');
  const row = `  { series: '${series}', suite: '${suite}', brings: [], fails: [] },`;
  return `${text.slice(0, end).replace(`suite: '${suite}'`, 'suite: undefined')}\n${row}${text.slice(end)}`;
}
