import { blockLines } from '../repro/block.ts';
import { fenced, words } from './markdown.ts';
import type { Section } from './section.ts';

/** What reproduces it: one block that bash runs as it stands. In brackets, so that it ends no shell that it is pasted into. */
export const block: Section = ({ finding, shown }) => {
  const { refusal } = shown.plan;
  const heading = '## How to reproduce';
  if (refusal !== undefined)
    return `${heading}\n\n${words(refusal)}, which a script can't set up: \`mirrorfuzz replay ${finding.id}\` exits 1 when the defect shows, 0 when it does not.`;
  const lines = ['(', ...blockLines(shown), ')'].flatMap((line) => line.split('\n'));
  return [
    heading,
    'For bash, with QEMU on PATH. `./repro.sh [QEMU_BIN_DIR]` does the same: 1 when the defect shows, 0 when it does not, 2 when that could not be told.',
    fenced(lines, 'sh', 'whole'),
  ].join('\n\n');
};

/** The block of a written report; undefined where it has none. */
export function blockIn(report: string): string | undefined {
  return /^(`{3,})sh\n(?<block>\(\n[\s\S]*?\n\))\n\1$/m.exec(report)?.groups?.block;
}
