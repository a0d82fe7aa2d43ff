import type { CommandModule } from 'yargs';
import type { Scenario } from '../../corpus/scenarios.ts';
import { fixedStorage, varyingDisks } from '../../sequence/storage-variants.ts';
import { outputOptions, printer, tool, writeJson } from '../options.ts';
import { table } from '../table.ts';
import { choiceOptions, chosen } from './options.ts';

type Args = { names: string[]; corpus: string; json: string | undefined };

export const listScenarios: CommandModule<object, Args> = {
  command: 'list [names..]',
  describe: 'every scenario: what must hold, and where it can run',
  builder: (yargs) =>
    outputOptions(choiceOptions(yargs))
      .example('$0 scenario list nbd', 'those with the tag nbd')
      .example('$0 scenario list --json -', 'the same for a script'),
  handler(args) {
    const scenarios = chosen(args);
    printer(args.json)(
      table([
        ['NAME', 'RUNS ON', 'TAGS', 'WHAT MUST HOLD'],
        ...scenarios.map((scenario) => [
          scenario.name,
          runsOn(scenario),
          (scenario.sequence.tags ?? []).join(','),
          scenario.sequence.title,
        ]),
      ]),
    );
    if (args.json !== undefined) writeJson(args.json, { schema: 1, tool, scenarios: scenarios.map(jsonOf) });
  },
};

/** What it needs of a QEMU and of the machine, in a few words. */
function runsOn({ sequence }: Scenario): string {
  const { flavour, commands = {} } = sequence.requires ?? {};
  const wanted = [
    ...(flavour === undefined ? [] : [flavour]),
    ...Object.entries(commands).map(([name, args]) => [name, ...args].join(' ')),
    ...fixedStorage(sequence),
    ...(varyingDisks(sequence).length > 0 ? ['any storage'] : []),
  ];
  return wanted.length === 0 ? 'all' : wanted.join(', ');
}

function jsonOf({ name, path, file, sequence }: Scenario) {
  const { title, tags = [], requires = {} } = sequence;
  const storage = { varies: varyingDisks(sequence), fixed: fixedStorage(sequence) };
  return { name, path, file, title, tags, requires, storage };
}
