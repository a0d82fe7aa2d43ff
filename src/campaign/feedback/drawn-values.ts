import { asSent } from '../../generate/resolve-references.ts';
import type { Binary } from '../../generate/situation.ts';
import { isJsonObject } from '../../sequence/json-object.ts';
import type { Sequence } from '../../sequence/sequence.ts';
import { argumentValues } from './argument-values.ts';
import { commandsOf, possibleValues } from './possible-values.ts';

/** What sequences would send: how often each kind of value of each argument was drawn, and which never was. */
export type DrawnValues = { command: string; times: number; values: Record<string, number>; never: string[] };

/** Counts sequences as they are drawn; none of them is run. */
export function countDrawnValues() {
  const found = new Map<string, { times: number; values: Record<string, number>; possible: Set<string> }>();
  const seen = new Set<Binary['schema']>();

  return {
    add({ steps }: Sequence, { schema }: Binary): void {
      if (!seen.has(schema)) note(schema);
      for (const step of steps) {
        const row = 'qmp' in step ? found.get(step.qmp) : undefined;
        if (!row || !('qmp' in step)) continue;
        row.times++;
        const sent = asSent(step.args ?? {});
        if (!isJsonObject(sent)) continue;
        for (const value of argumentValues(step.qmp, sent, schema))
          row.values[value] = (row.values[value] ?? 0) + 1;
      }
    },
    result: (): DrawnValues[] =>
      [...found].map(([command, { times, values, possible }]) => ({
        command,
        times,
        values,
        never: [...possible].filter((value) => !(value in values)),
      })),
  };

  function note(schema: Binary['schema']): void {
    seen.add(schema);
    for (const command of commandsOf(schema)) {
      const row = found.get(command) ?? { times: 0, values: {}, possible: new Set() };
      found.set(command, row);
      for (const value of possibleValues(command, schema).values) row.possible.add(value);
    }
  }
}
