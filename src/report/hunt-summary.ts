import type { Discovery } from '../campaign/discoveries/discovery.ts';
import type { Coverage } from '../campaign/feedback/coverage.ts';
import { jobCommands } from '../model/job-commands.ts';
import { printable } from '../printable.ts';
import { jobStatuses } from '../qemu/job-statuses.ts';
import { allowsPass, decidedText } from './decided.ts';
import { brief, clock, counted, lostText, percent } from './hunt-lines.ts';
import { decidedIn, type HuntState } from './hunt-tally.ts';
import { inputCoverage, inputCoverageText } from './input-coverage.ts';
import { limits } from './limits.ts';
import { rulesText } from './rules-tally.ts';
import { doneWithout, withoutLines } from './without.ts';
import { terminalColumns, wrapped } from './wrapped.ts';

/** What there is to say at the end: figures, which verb was tried in which status, findings, what to do next. */
export function huntSummary(state: HuntState, elapsedMs: number, interrupted: boolean): string[] {
  const { coverage } = state;
  const perSecond = (count: number): string => (count / Math.max(1, elapsedMs / 1000)).toFixed(0);
  const decided = decidedIn(state);
  const { total, reasons } = decidedText(decided);
  const tooFew = `too few for a pass, which takes ${percent(limits.decidedShareMin, 1)}`;
  return [
    `${interrupted ? 'interrupted after' : 'hunted for'} ${clock(elapsedMs)} with seed ${state.seed}: ${counted(state.sequences, 'sequence')} (${perSecond(state.sequences)}/s), ${counted(state.commands, 'command')} (${perSecond(state.commands)}/s), ${counted(state.guestWrites, 'guest write')}, ${counted(state.faultsInjected, 'fault')}`,
    `${percent(coverage.accepted, coverage.commands)} of the steps' commands were accepted; ${percent(coverage.vacuous, coverage.sequences)} of the sequences started no job; ${Object.keys(coverage.triples).length} combinations of job status, command and outcome, ${state.features} features${state.edges > 0 ? `, ${state.edges} of them edges of QEMU's code` : ''}`,
    `${total}${allowsPass(decided) ? '' : `: ${tooFew}`}`,
    ...rulesText(state.rules),
    ...inputCoverageText(inputCoverage(state)),
    ...reasons.map((reason) => `  ${brief(reason, 120)}`),
    ...withoutLines(doneWithout(state), clock).map((line) => brief(line, 240)),
    ...(state.masked > 0
      ? [`steps left out to avoid known crashes: ${state.masked} (--no-mask keeps them)`]
      : []),
    ...state.workersLost.slice(0, linesMax).map((lost) => `a worker died: ${lostText(lost)}`),
    ...more(state.workersLost.length, 'workers died'),
    ...state.warnings.slice(0, linesMax).map((warning) => `warning: ${printable(warning)}`),
    ...more(state.warnings.length, 'warnings'),
    '',
    ...coverageTable(coverage),
    '',
    ...(state.sequences === 0 && state.discoveries.length === 0
      ? ['no sequence was run to its end, so nothing is known: give it more time']
      : findingLines(state.discoveries)),
    ...unsavedLines(state.discoveries),
  ];
}

/** Of one kind; the JSON result has them all. */
const linesMax = 10;

const more = (count: number, what: string): string[] => (count > linesMax ? [`${count} ${what} in all`] : []);

/** A finding that no directory could take is here, or nowhere. */
function unsavedLines(discoveries: readonly Discovery[]): string[] {
  return discoveries.flatMap(({ id, path, unsaved }) => {
    if (!unsaved) return [];
    if (path !== '') return [`not in the findings store: ${id}, which is in ${path}`];
    return [`saved nowhere: ${id}; its sequence is`, printable(JSON.stringify(unsaved.sequence))];
  });
}

const unseen: ReadonlySet<string> = new Set(['undefined', 'aborting', 'null']);
/** `none`: no job was named. No handler finds a job in the statuses that are left out. */
const statuses = ['none', ...jobStatuses.filter((status) => !unseen.has(status))];

/** Rows are verbs, columns the status their job had; a cell is how many were accepted / refused. */
function coverageTable({ triples }: Coverage): string[] {
  const rows = new Map<string, Map<string, { ok: number; refused: number }>>();
  for (const [triple, times] of Object.entries(triples)) {
    const [status = '', command = '', outcome] = triple.split(' ');
    if (!statuses.includes(status) || !Object.hasOwn(jobCommands, command)) continue;
    const row = rows.get(command) ?? new Map<string, { ok: number; refused: number }>();
    rows.set(command, row);
    const cell = row.get(status) ?? { ok: 0, refused: 0 };
    row.set(status, cell);
    if (outcome === 'ok') cell.ok += times;
    else cell.refused += times;
  }
  if (rows.size === 0) return [];
  const shown = statuses.filter((status) => [...rows.values()].some((row) => row.has(status)));
  const cells = [...rows].sort().map(([command, row]) => [
    command,
    ...shown.map((status) => {
      const cell = row.get(status);
      return cell ? `${cell.ok}/${cell.refused}` : '·';
    }),
  ]);
  return aligned([['accepted/refused', ...shown], ...cells]);
}

function findingLines(discoveries: readonly Discovery[]): string[] {
  if (discoveries.length === 0) return ['nothing found'];
  const rows = aligned(
    discoveries.map(({ id, impact, reach, steps, reproduced, count, known }) => [
      id,
      `${impact}${known ? ' (known)' : ''}`,
      reach,
      counted(steps, 'step'),
      `${reproduced.ok}/${reproduced.of}`,
      `seen ${count}x`,
    ]),
  );
  const unfinished = discoveries.filter(({ shrunk }) => shrunk !== 'done' && shrunk !== 'no');
  const [first] = discoveries as [Discovery];
  return [
    discoveries.length === 1 ? '1 finding:' : `${discoveries.length} findings, the most serious first:`,
    ...discoveries.flatMap(({ title, rule, qemu }, i) => [
      `  ${rows[i]}`,
      ...wrapped(printable(title), { width: terminalColumns, indent: 4 }),
      ...wrapped(printable(`${rule.name}, on ${qemu.join(', ')}`), { width: terminalColumns, indent: 4 }),
    ]),
    '',
    nextStep(first),
    ...unfinished.slice(0, 3).map(({ id }) => `      mirrorfuzz shrink ${id}   (not minimal yet)`),
  ];
}

function nextStep({ id, path, unsaved }: Discovery): string {
  if (!unsaved) return `next: mirrorfuzz findings show ${id}; mirrorfuzz replay ${id}`;
  return path === '' ? 'next: make room for findings, and hunt again' : `next: mirrorfuzz replay ${path}`;
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
