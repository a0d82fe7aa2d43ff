import type { CommandModule } from 'yargs';
import { rules } from '../judge/judge.ts';
import { rangeText } from '../qemu/versions.ts';
import { outputOptions, printer, writeJson } from './options.ts';

type Args = { json: string | undefined };

export const rulesCommand: CommandModule<object, Args> = {
  command: 'rules',
  describe: 'every rule: name, statement, source, versions',
  builder: (yargs) => outputOptions(yargs).example('$0 rules', 'what a run is judged by'),
  handler({ json }) {
    const print = printer(json);
    for (const rule of rules) {
      print(
        `${rule.name}  (${rule.kind})\n    ${rule.statement}\n    source: ${rule.source}\n    versions: ${rangeText(rule)}`,
      );
    }
    if (json !== undefined)
      writeJson(json, { schema: 1, rules: rules.map((rule) => ({ ...rule, versions: rangeText(rule) })) });
  },
};
