import type { Rechecked } from '../campaign/rating/recheck.ts';
import { outcomeOf, outcomeWords } from '../findings/affected.ts';
import { counted } from './hunt-lines.ts';

/** "cf1ac77f89df  7.2.22 daemon   10/10", and what has changed. */
export function recheckedLine({ finding, program, row, undecided, before, isChanged }: Rechecked): string {
  const where = `${program.target.version} ${program.flavour}`.padEnd(16);
  const words = row ? outcomeWords(row) : `undecided: ${undecided ?? 'no run came to an end'}`;
  const changed = before && isChanged ? `  CHANGED, was ${outcomeWords(before)}` : '';
  return `${finding.id}  ${where} ${words}${changed}`;
}

/** The JSON object of `findings recheck`, and the last lines that people read. */
export function recheckOutcome(
  seen: readonly Rechecked[],
  { interrupted, ...about }: { tool: object; interrupted: boolean; unreadable: readonly string[] },
) {
  const ids = [...new Set(seen.map(({ finding }) => finding.id))];
  const showing = ids.filter((id) => seen.some(({ finding, row }) => finding.id === id && shows(row)));
  const changed = seen.filter(({ isChanged }) => isChanged);
  const isDecided = seen.some(({ row }) => row !== undefined) && !interrupted;
  const verdict =
    showing.length > 0 ? ('fail' as const) : isDecided ? ('pass' as const) : ('unknown' as const);
  return {
    schema: 1,
    ...about,
    verdict,
    interrupted,
    findings: ids.map((id) => {
      const rows = seen.filter(({ finding }) => finding.id === id);
      const { title, status } = (rows[0] as Rechecked).finding;
      return { id, title, status, qemu: rows.map(rowJson) };
    }),
    summary: [
      `${counted(ids.length, 'finding')}, ${showing.length} of them still to be seen; ${counted(changed.length, 'change')}`,
    ],
  };
}

const shows = (row: Rechecked['row']): boolean => row !== undefined && outcomeOf(row) === 'shows';

function rowJson({ program, row, undecided, before, isChanged }: Rechecked) {
  const { label, version, path } = program.target;
  return {
    label,
    version,
    path,
    flavour: program.flavour,
    ...(row
      ? { outcome: outcomeOf(row), ok: row.ok, of: row.of, how: row.how ?? null }
      : { undecided: undecided ?? null }),
    before: before ? { outcome: outcomeOf(before), ok: before.ok, of: before.of } : null,
    changed: isChanged,
  };
}
