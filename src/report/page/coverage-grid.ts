import type { CoverageCell, CoverageGrid } from '../../page/model.ts';
import { printable } from '../../printable.ts';
import { jobStatuses } from '../../qemu/job-statuses.ts';

/** A hunt's `coverage.triples` (`running job-pause ok`: 7) as a grid of commands and the status that their job had. */
export function coverageGrid(triples: Readonly<Record<string, number>>): CoverageGrid {
  const ofJobs = new Map<string, Map<string, CoverageCell>>();
  const others = new Map<string, CoverageCell>();
  for (const [triple, times] of Object.entries(triples)) {
    const [status = '', command = '', outcome = ''] = triple.split(' ');
    const cell =
      namesJob(command) && columns.includes(status)
        ? cellOf(rowOf(ofJobs, command), status)
        : cellOf(others, command);
    if (outcome === 'ok') cell.accepted += times;
    else cell.refused += times;
  }
  const met = new Set([...ofJobs.values()].flatMap((row) => [...row.keys()]));
  const statuses = columns.filter((status) => met.has(status) || alwaysShown.has(status));
  return {
    statuses,
    verbs: [...ofJobs]
      .map(([name, row]) => ({
        name: printable(name),
        cells: statuses.map((status) => row.get(status) ?? null),
      }))
      .sort((a, b) => a.name.localeCompare(b.name, 'en')),
    others: [...others]
      .map(([name, cell]) => ({ name: printable(name), ...cell }))
      .sort((a, b) => a.name.localeCompare(b.name, 'en')),
  };
}

/** These stand under the status of the job that they name; under `paused+running` where they name none. */
const namesJob = (command: string): boolean => /^(block-job|job)-/.test(command);

const columns: readonly string[] = [
  'none',
  ...jobStatuses.filter((status) => status !== 'null' && status !== 'undefined'),
];
/** Handlers never see a job in the others, or hardly ever. */
const alwaysShown: ReadonlySet<string> = new Set([
  'none',
  'running',
  'paused',
  'ready',
  'standby',
  'pending',
  'concluded',
]);

function rowOf(rows: Map<string, Map<string, CoverageCell>>, command: string): Map<string, CoverageCell> {
  const row = rows.get(command) ?? new Map();
  rows.set(command, row);
  return row;
}

function cellOf(row: Map<string, CoverageCell>, name: string): CoverageCell {
  const cell = row.get(name) ?? { accepted: 0, refused: 0 };
  row.set(name, cell);
  return cell;
}
