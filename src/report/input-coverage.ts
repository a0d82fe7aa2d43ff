import { type CommandCoverage, commandCoverage } from '../campaign/feedback/command-coverage.ts';
import { rememberedSchema } from '../execute/sessions/schema-store.ts';
import type { HuntState } from './hunt-tally.ts';

/** Each command's arguments and outcomes, beside what its schema allows; of a wrapper script's QEMU no schema is kept. */
export function inputCoverage({
  coverage,
  programs,
}: Pick<HuntState, 'coverage' | 'programs'>): CommandCoverage[] {
  const schemas = programs.flatMap(({ target, flavour }) => rememberedSchema(target, flavour)?.schema ?? []);
  return commandCoverage(coverage, schemas);
}

/** How much of it there was, in a line; none where no schema is at hand. */
export function inputCoverageText(rows: readonly CommandCoverage[]): string[] {
  const sent = rows.filter(({ outcomes }) => Object.keys(outcomes).length > 0);
  if (sent.length === 0) return [];
  const sum = (count: (row: CommandCoverage) => number): number =>
    rows.reduce((all, row) => all + count(row), 0);
  const never = sum((row) => row.never.values.length);
  const met = sum(({ values }) => Object.keys(values).length);
  const missed = sum((row) => row.never.outcomes.length);
  return [
    `arguments: ${sent.length} of ${rows.length} commands were sent, with ${met} kinds of values; ${never} more never, and ${missed} outcomes never seen (--json: coverage.byCommand)`,
  ];
}
