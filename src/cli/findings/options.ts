import type { Argv } from 'yargs';
import { once } from '../options.ts';

/** Where findings are, for the commands that only look at them. */
export const storeOption = <T>(yargs: Argv<T>) =>
  yargs.option('findings', {
    type: 'string',
    default: './findings',
    requiresArg: true,
    coerce: once<string>('findings'),
    describe: 'where findings are kept',
  });

export const idArgument = <T>(yargs: Argv<T>) =>
  yargs.positional('id', {
    type: 'string',
    demandOption: true,
    describe: "the finding's id, or its first digits",
  });
