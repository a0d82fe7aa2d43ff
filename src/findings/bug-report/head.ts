import { inShort } from '../affected.ts';
import { impactOfFinding } from '../finding.ts';
import { impactWords } from '../impact.ts';
import { reachWords } from '../reach.ts';
import { words } from './markdown.ts';
import type { Section } from './section.ts';

/** What it is, how bad, who can bring it about, and where it shows. */
export const head: Section = ({ finding }) => {
  const { title, reach, affected, block } = finding;
  const weight = [impactWords[impactOfFinding(finding)], ...(reach === undefined ? [] : [reachWords[reach]])];
  const doubt =
    block?.ok === 0
      ? `\nThe block below did not show it in ${block.of} ${block.of === 1 ? 'run' : 'runs'} on QEMU ${words(block.label)}.`
      : '';
  return `# ${words(title)}${doubt}\n\n${weight.join('. ')}.\nShows: ${words(inShort(affected))}`;
};
