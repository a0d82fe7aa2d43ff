import { type Affected, outcomeOf, outcomeWords } from '../affected.ts';
import { cell, words } from './markdown.ts';
import type { Section } from './section.ts';

/** Every QEMU it was tried on, and since when it is gone. */
export const affectedVersions: Section = ({ finding: { affected, fixedIn } }) => {
  if (affected.length === 0) return undefined;
  const gone =
    fixedIn === undefined ? [] : [`The first version that does not show it any more: ${words(fixedIn)}.`];
  return ['## Affected versions', ...gone, versionTable(affected)].join('\n\n');
};

export const programs = { system: 'qemu-system-x86_64', daemon: 'qemu-storage-daemon' } as const;

function versionTable(affected: readonly Affected[]): string {
  const rows = affected.map(
    (row) => `| ${cell(row.version)} | ${cell(row.label)} | ${programs[row.flavour]} | ${cell(shows(row))} |`,
  );
  return ['| QEMU | from | program | shows it |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function shows(row: Affected): string {
  const runs = `${row.ok} of ${row.of} runs`;
  switch (outcomeOf(row)) {
    case 'shows':
      return `yes, ${runs}`;
    case 'does-not-show':
      return `no, ${runs}`;
    default:
      return outcomeWords(row);
  }
}
