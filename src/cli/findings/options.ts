import { existsSync } from 'node:fs';
import type { Argv } from 'yargs';
import { UsageError } from '../../errors.ts';
import { once } from '../options.ts';

const defaultStore = './findings';

/** A store that was named has to be there; the default one may not have been written to yet. */
export function mustBeThere(store: string): void {
  if (store !== defaultStore && !existsSync(store))
    throw new UsageError(
      `--findings ${store}: there is no such directory`,
      'give the directory that a hunt wrote to',
    );
}

/** Where findings are, for the commands that only look at them. */
export const storeOption = <T>(yargs: Argv<T>) =>
  yargs.option('findings', {
    type: 'string',
    default: defaultStore,
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
