import type { CommandModule } from 'yargs';
import { addToCorpus } from './corpus/add.ts';
import { listCorpus } from './corpus/list.ts';
import { minimizeCorpus } from './corpus/minimize.ts';
import { corpusStats } from './corpus/stats.ts';

export const corpusCommand: CommandModule = {
  command: 'corpus',
  describe: 'the corpus: sequences worth keeping, and those that a hunt kept',
  builder: (yargs) =>
    yargs
      .command(listCorpus)
      .command(addToCorpus)
      .command(minimizeCorpus)
      .command(corpusStats)
      .demandCommand(1, 'corpus needs a subcommand: list, add, minimize or stats'),
  handler: () => {},
};
