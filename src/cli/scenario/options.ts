import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Argv } from 'yargs';
import { chosenScenarios, readScenarios, type Scenario } from '../../corpus/scenarios.ts';
import { once } from '../options.ts';

/** Which scenarios, of which corpus. */
export const choiceOptions = <T>(yargs: Argv<T>) =>
  yargs
    .positional('names', {
      type: 'string',
      array: true,
      default: [] as string[],
      describe: 'names, tags, folders, or globs of names; all where none is given',
    })
    .option('corpus', {
      type: 'string',
      requiresArg: true,
      coerce: once<string>('corpus'),
      default: ownCorpus(),
      defaultDescription: "mirrorfuzz's own",
      describe: 'the directory that holds test-plan/, test-plan-rhel6/ and scenarios/',
    });

/** UsageError: a name that none has, or a file that is no sequence. */
export function chosen({ names, corpus }: { names: string[]; corpus: string }): Scenario[] {
  return chosenScenarios(readScenarios(corpus), names);
}

/** Above src/cli/scenario/ or, as published, above dist/src/cli/scenario/. */
export function ownCorpus(): string {
  const above = (levels: string): string => fileURLToPath(new URL(`${levels}corpus`, import.meta.url));
  const near = above('../../../');
  return existsSync(near) ? near : above('../../../../');
}
