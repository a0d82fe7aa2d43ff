import { cardOf } from '../../qemu/cards.ts';
import type { QmpSchema } from '../../qmp/schema.ts';
import type { Coverage } from './coverage.ts';
import { commandsOf, possibleValues } from './possible-values.ts';

/**
 * Input and output coverage of one command, as IOCov counts it for system calls: which kinds of values each argument had,
 * how the command was answered, and which of what is possible never came.
 */
export type CommandCoverage = {
  command: string;
  /** `ok` or the class of the error. */
  outcomes: Record<string, number>;
  /** `sync=full`, `speed=below 0`. */
  values: Record<string, { accepted: number; refused: number }>;
  /** `leftOut`: values that no campaign sends, since they reach the host or the network. */
  never: { outcomes: string[]; values: string[]; leftOut: string[] };
};

/** Of every command that one of these binaries has. */
export function commandCoverage(
  { triples, values }: Pick<Coverage, 'triples' | 'values'>,
  schemas: readonly QmpSchema[],
): CommandCoverage[] {
  const found = new Map<string, CommandCoverage>();
  const possible = new Map<string, Possible>();
  for (const schema of schemas)
    for (const command of commandsOf(schema)) {
      const known = possible.get(command) ?? { values: new Set(), leftOut: new Set() };
      possible.set(command, known);
      const { values, leftOut } = possibleValues(command, schema);
      for (const value of values) known.values.add(value);
      for (const value of leftOut) known.leftOut.add(value);
      found.set(command, {
        command,
        outcomes: {},
        values: {},
        never: { outcomes: [], values: [], leftOut: [] },
      });
    }
  for (const [triple, times] of Object.entries(triples)) {
    const [, command = '', outcome = ''] = triple.split(' ');
    const outcomes = found.get(command)?.outcomes;
    if (outcomes) outcomes[outcome] = (outcomes[outcome] ?? 0) + times;
  }
  for (const [text, times] of Object.entries(values)) {
    const [, answer, command = '', value = ''] = /^(ok|refused) (\S+) (.*)$/s.exec(text) ?? [];
    const sum = found.get(command)?.values;
    if (!sum) continue;
    const row = sum[value] ?? { accepted: 0, refused: 0 };
    sum[value] = row;
    row[answer === 'ok' ? 'accepted' : 'refused'] += times;
  }
  return [...found.values()].map((each) => ({
    ...each,
    never: {
      outcomes: outcomesOf(each.command).filter((outcome) => !(outcome in each.outcomes)),
      values: [...(possible.get(each.command)?.values ?? [])].filter((value) => !(value in each.values)),
      leftOut: [...(possible.get(each.command)?.leftOut ?? [])].filter((value) => !(value in each.values)),
    },
  }));
}

type Possible = { values: Set<string>; leftOut: Set<string> };

/** The classes of errors that its card knows, beside the generic one. */
function outcomesOf(command: string): string[] {
  const { verb, nodes = {} } = cardOf(command) ?? {};
  const missing = Object.values(nodes).flatMap(({ missing: of }) => of ?? []);
  const notThere = verb?.spelling === 'block-job' && !verb.union ? ['DeviceNotActive'] : [];
  return [...new Set(['ok', 'GenericError', ...missing, ...notThere])];
}
