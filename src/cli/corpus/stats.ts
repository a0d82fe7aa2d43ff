import type { CommandModule } from 'yargs';
import { stepKind } from '../../sequence/step.ts';
import { printer, writeJson } from '../options.ts';
import { table } from '../table.ts';
import { corpusFiles, corpusOption, jsonOption } from './option.ts';

type Args = { corpus: string; json: string | undefined };

export const corpusStats: CommandModule<object, Args> = {
  command: 'stats',
  describe: 'what the corpus is made of: kinds of steps, commands',
  builder: (yargs) => yargs.option('corpus', corpusOption).option('json', jsonOption),
  handler({ corpus, json }) {
    const files = corpusFiles(corpus);
    const kinds: Record<string, number> = {};
    const commands: Record<string, number> = {};
    for (const step of files.flatMap(({ sequence }) => sequence.steps)) {
      count(kinds, stepKind(step) ?? 'other');
      if ('qmp' in step) count(commands, step.qmp);
    }
    const steps = Object.values(kinds).reduce((sum, each) => sum + each, 0);
    const kept = files.filter(({ name }) => name.startsWith('hunt/')).length;
    const print = printer(json);
    print(`${files.length} sequences, ${kept} of them kept by hunts; ${steps} steps`);
    print(table(descending(kinds).map(([kind, times]) => [`  ${kind}`, String(times)])));
    print('commands:');
    print(table(descending(commands).map(([name, times]) => [`  ${name}`, String(times)])));
    if (json !== undefined)
      writeJson(json, { schema: 1, sequences: files.length, keptByHunts: kept, steps, kinds, commands });
  },
};

function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}

const descending = (counts: Record<string, number>): [string, number][] =>
  Object.entries(counts).sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
