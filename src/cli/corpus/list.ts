import type { CommandModule } from 'yargs';
import { printer, writeJson } from '../options.ts';
import { table } from '../table.ts';
import { corpusFiles, corpusOption, jsonOption } from './option.ts';

type Args = { corpus: string; json: string | undefined };

export const listCorpus: CommandModule<object, Args> = {
  command: 'list',
  describe: 'every sequence of the corpus',
  builder: (yargs) => yargs.option('corpus', corpusOption).option('json', jsonOption),
  handler({ corpus, json }) {
    const sequences = corpusFiles(corpus).map(({ name, file, sequence: { title, steps, tags = [] } }) => ({
      name,
      file,
      title,
      steps: steps.length,
      tags,
    }));
    const rows = sequences.map(({ name, steps, title }) => [name, `${steps} steps`, title]);
    printer(json)(table(rows));
    if (json !== undefined) writeJson(json, { schema: 1, sequences });
  },
};
