import type { ArgumentCoverage } from '../../page/model.ts';
import { printable } from '../../printable.ts';
import type { ExercisedCounts } from './result-file.ts';

/**
 * A hunt's `coverage` by command and argument: `values` (`ok blockdev-mirror sync=full`: 3), `triples` for how each command
 * was answered, and of `byCommand` what never came.
 */
export function argumentTable({
  values = {},
  triples = {},
  byCommand = [],
}: ExercisedCounts): ArgumentCoverage[] {
  const outcomes = outcomesOf(triples);
  const drawn = valuesOf(values);
  const never = new Map(byCommand.map((each) => [each.command, each.never]));
  return [...new Set([...outcomes.keys(), ...drawn.keys(), ...never.keys()])]
    .map((command): ArgumentCoverage => {
      const missed = never.get(command);
      return {
        command: printable(command),
        outcomes: [...(outcomes.get(command) ?? [])]
          .map(([outcome, times]) => ({ outcome: printable(outcome), times }))
          .sort((a, b) => placeOf(a.outcome) - placeOf(b.outcome) || b.times - a.times),
        values: [...(drawn.get(command)?.values() ?? [])].sort(byArgument),
        ...(missed
          ? { never: { outcomes: missed.outcomes.map(printable), values: byName(missed.values) } }
          : {}),
      };
    })
    .sort((a, b) => a.command.localeCompare(b.command, 'en'));
}

type Value = ArgumentCoverage['values'][number];

function outcomesOf(triples: Readonly<Record<string, number>>): Map<string, Map<string, number>> {
  const commands = new Map<string, Map<string, number>>();
  for (const [triple, times] of Object.entries(triples)) {
    const [, command = '', outcome = ''] = triple.split(' ');
    const sums = commands.get(command) ?? new Map<string, number>();
    commands.set(command, sums.set(outcome, (sums.get(outcome) ?? 0) + times));
  }
  return commands;
}

function valuesOf(counts: Readonly<Record<string, number>>): Map<string, Map<string, Value>> {
  const commands = new Map<string, Map<string, Value>>();
  for (const [key, times] of Object.entries(counts)) {
    const [, outcome, command = '', value = ''] = /^(\S+) (\S+) (.*=.*)$/s.exec(key) ?? [];
    if (command === '') continue;
    const values = commands.get(command) ?? new Map<string, Value>();
    commands.set(command, values);
    const row = values.get(value) ?? { ...argumentAndKind(value), accepted: 0, refused: 0 };
    row[outcome === 'ok' ? 'accepted' : 'refused'] += times;
    values.set(value, row);
  }
  return commands;
}

/** What each argument never had, argument by argument. */
const byName = (values: readonly string[]): { argument: string; kinds: string[] }[] =>
  [...Map.groupBy(values.map(argumentAndKind), ({ argument }) => argument)].map(([argument, those]) => ({
    argument,
    kinds: those.map(({ kind }) => kind),
  }));

/** `sync=full` */
function argumentAndKind(value: string): { argument: string; kind: string } {
  const end = value.indexOf('=');
  return { argument: printable(value.slice(0, end)), kind: printable(value.slice(end + 1)) };
}

/** Success before errors. */
const placeOf = (outcome: string): number => (outcome === 'ok' ? 0 : 1);

const byArgument = (a: Value, b: Value): number =>
  a.argument.localeCompare(b.argument, 'en') ||
  b.accepted + b.refused - (a.accepted + a.refused) ||
  a.kind.localeCompare(b.kind, 'en');
