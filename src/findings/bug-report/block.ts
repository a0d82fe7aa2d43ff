import { qmpText } from '../export/qmp.ts';
import { fenced, words } from './markdown.ts';
import type { Section } from './section.ts';

/** What reproduces it. */
export const block: Section = ({ finding, shown: { plan } }) => {
  const told =
    plan.refusal === undefined
      ? '`./repro.sh [QEMU_BIN_DIR]` in this directory exits 1 when the defect shows, 0 when it does not.'
      : `${words(plan.refusal)}, which a script can't set up: \`mirrorfuzz replay ${finding.id}\` exits 1 when the defect shows, 0 when it does not.`;
  return `## How to reproduce\n\n${told}\n\n${fenced(qmpText(plan).trimEnd().split('\n'))}`;
};
