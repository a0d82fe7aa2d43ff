import type { ArgumentCoverage } from '../../page/model.ts';
import { printable } from '../../printable.ts';

/** A hunt's `coverage.values` (`ok blockdev-mirror sync=full`: 3) by command and argument. */
export function argumentTable(counts: Readonly<Record<string, number>>): ArgumentCoverage[] {
  const commands = new Map<string, Map<string, ArgumentCoverage['values'][number]>>();
  for (const [key, times] of Object.entries(counts)) {
    const [, outcome, command = '', argument = '', kind = ''] = /^(\S+) (\S+) ([^=]*)=(.*)$/s.exec(key) ?? [];
    if (command === '') continue;
    const values = commands.get(command) ?? new Map();
    commands.set(command, values);
    const row = values.get(`${argument}=${kind}`) ?? {
      ...{ argument: printable(argument), kind: printable(kind), accepted: 0, refused: 0 },
    };
    row[outcome === 'ok' ? 'accepted' : 'refused'] += times;
    values.set(`${argument}=${kind}`, row);
  }
  return [...commands]
    .map(([command, values]) => ({
      command: printable(command),
      values: [...values.values()].sort(
        (a, b) =>
          a.argument.localeCompare(b.argument, 'en') ||
          b.accepted + b.refused - (a.accepted + a.refused) ||
          a.kind.localeCompare(b.kind, 'en'),
      ),
    }))
    .sort((a, b) => a.command.localeCompare(b.command, 'en'));
}
