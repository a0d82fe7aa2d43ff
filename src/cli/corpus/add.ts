import type { CommandModule } from 'yargs';
import { keepSequence } from '../../corpus/keep.ts';
import { readSequences } from '../../corpus/read.ts';
import { printer, writeJson } from '../options.ts';
import { writableDir } from '../writable-dir.ts';
import { corpusOption, jsonOption } from './option.ts';

type Args = { files: string[]; corpus: string; json: string | undefined };

export const addToCorpus: CommandModule<object, Args> = {
  command: 'add <files..>',
  describe: 'take sequence files in; one that is there already is not added twice',
  builder: (yargs) =>
    yargs
      .positional('files', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'sequence files, or directories of them',
      })
      .option('corpus', corpusOption)
      .option('json', jsonOption)
      .example('$0 corpus add findings/0123456789ab/sequence.json', 'the minimal sequence of a finding'),
  handler({ files, corpus, json }) {
    const print = printer(json);
    writableDir('corpus', corpus);
    const added = readSequences(files).map(({ file, sequence }) => ({
      from: file,
      ...keepSequence(corpus, sequence),
    }));
    for (const { from, file, isNew } of added)
      print(`${isNew ? 'added' : 'there already'}  ${from} -> ${file}`);
    if (json !== undefined) writeJson(json, { schema: 1, added });
  },
};
