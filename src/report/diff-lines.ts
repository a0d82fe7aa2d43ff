import { printable } from '../printable.ts';
import type { DiffOutcome } from './diff-outcome.ts';
import { counted } from './hunt-lines.ts';

type PrintedGroup = DiffOutcome['groups'][number];

/** What a diff found, the most frequent first; `explain`: also what is folded, and by which rule. */
export function diffLines(outcome: DiffOutcome, { explain }: { explain: boolean }): string[] {
  return [
    ...outcome.groups.flatMap((group, at) => [`${at + 1}. ${headOf(group)}`, ...groupLines(group), '']),
    ...(explain ? outcome.folded.flatMap(foldedLines) : []),
    summary(outcome),
  ].map(printable);
}

function foldedLines({ rule, statement, source, groups }: DiffOutcome['folded'][number]): string[] {
  return [
    `folded by ${rule}: ${statement}`,
    `   source: ${source}`,
    ...groups.flatMap((group) => [`   - ${headOf(group)}`, ...groupLines(group).map((line) => `  ${line}`)]),
    '',
  ];
}

const headOf = ({ subject, what, sequences, alone }: PrintedGroup): string =>
  `${subject} (${what}): ${counted(sequences, 'sequence')}${alone === undefined ? '' : `; ${alone} stands alone`}`;

function groupLines({ versions, values, smallest }: PrintedGroup): string[] {
  const width = Math.max(...versions.map(({ length }) => length));
  const where = smallest.step === null ? '' : `, step ${smallest.step}`;
  return [
    ...versions.map((version, at) => `   ${version.padEnd(width)}  ${values[at]}`),
    `   smallest: ${smallest.name}${where}`,
  ];
}

function summary(outcome: DiffOutcome): string {
  const { sequences, groups, folded, left, runs, elapsedMs, verdict } = outcome;
  const foldedGroups = folded.reduce((sum, rule) => sum + rule.groups.length, 0);
  const parts = [
    `${counted(sequences.compared, 'sequence')} compared`,
    ...(sequences.skipped > 0 ? [`${sequences.skipped} skipped`] : []),
    ...(sequences.undecided > 0 ? [`${sequences.undecided} undecided`] : []),
    ...(sequences.notReached > 0 ? [`${sequences.notReached} not reached`] : []),
    `${counted(runs, 'run')} in ${(elapsedMs / 1000).toFixed(1)} s`,
    `${counted(foldedGroups, 'group')} folded`,
    `${left.unstable} unstable`,
    `${left.afterwards} afterwards`,
  ];
  const said = {
    different: `${counted(groups.length, 'unexplained group')} of differences`,
    alike: 'no unexplained difference',
    unknown: 'nothing could be compared',
  }[verdict];
  return `${outcome.interrupted ? 'interrupted: ' : ''}${said}; ${parts.join(', ')}`;
}
