import { markdownCell } from '../printable.ts';
import { outcomeOf } from './affected.ts';
import { type Finding, impactOfFinding } from './finding.ts';
import { impactWords } from './impact.ts';
import { reachWords } from './reach.ts';

/** A store as a table in Markdown, in the order in which it is listed. `link`: from the table's file to a finding. */
export function trophies(findings: readonly Finding[], link: (id: string) => string): string {
  const reachable = findings.filter(({ reach }) => reach === 'guest' || reach === 'valid-commands');
  const rows = findings.map((finding) => {
    const { id, title, reach, status } = finding;
    const cells = [
      markdownCell(title),
      impactWords[impactOfFinding(finding)],
      reach === undefined ? '' : reachWords[reach].replace('Reachable by ', ''),
      showsIn(finding),
      status,
      `[${id.slice(0, 4)}](${link(id)})`,
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return `${[
    '# Defects of QEMU that mirrorfuzz has found',
    'Made by `node scripts/trophies.ts` from [findings/](../findings): the most serious first, then what takes a debug node, last what is fixed.',
    `${findings.length} in all; ${reachable.length} of them by the guest alone or by valid commands.`,
    [
      '| what | impact | reachable by | shows in QEMU | status | |',
      '| --- | --- | --- | --- | --- | --- |',
      ...rows,
    ].join('\n'),
  ].join('\n\n')}\n`;
}

function showsIn({ affected }: Finding): string {
  const versions = affected.filter((row) => outcomeOf(row) === 'shows').map(({ version }) => version);
  const inOrder = [...new Set(versions)].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  return markdownCell(inOrder.join(', '));
}
