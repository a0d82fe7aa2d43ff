/**
 * What QEMU or a tool of it says, without what differs from run to run: paths, quoted names, JSON, figures. What is left
 * is the same for the same trouble, so that it can be counted.
 */
export const withoutParticulars = (text: string): string =>
  (text.split('\n', 1)[0] ?? '')
    .replaceAll(/json:?\s*\{.*\}|\{.*\}|\[.*\]/g, '…')
    .replaceAll(/'[^']*'|"[^"]*"/g, '…')
    .replaceAll(/\/[^\s:,;]+/g, '…')
    .replaceAll(/\b[\w-]+\.(raw|qcow2|img)\b/g, '…')
    .replaceAll(/\b(0x[0-9a-f]+|\d+)\b/g, 'N')
    .slice(0, reasonCharsMax);

/** It is one line of a summary. */
const reasonCharsMax = 120;
