import type { Affected } from '../finding.ts';
import { cell } from './markdown.ts';
import type { Section } from './section.ts';

/** Every QEMU it was tried on. */
export const affectedVersions: Section = ({ finding: { affected } }) =>
  affected.length === 0 ? undefined : `## Affected versions\n\n${versionTable(affected)}`;

export const programs = { system: 'qemu-system-x86_64', daemon: 'qemu-storage-daemon' } as const;

/** "5.2.0 no, 7.2.22 3/5." */
export function inShort(affected: readonly Affected[]): string {
  const rows = affected.map(({ version, ok, of }) => `${version} ${ok === 0 ? 'no' : `${ok}/${of}`}`);
  return `${[...new Set(rows)].join(', ')}.`;
}

function versionTable(affected: readonly Affected[]): string {
  const rows = affected.map(
    ({ label, version, flavour, ok, of }) =>
      `| ${cell(version)} | ${cell(label)} | ${programs[flavour]} | ${ok === 0 ? 'no' : 'yes'}, ${ok} of ${of} runs |`,
  );
  return ['| QEMU | from | program | shows it |', '| --- | --- | --- | --- |', ...rows].join('\n');
}
