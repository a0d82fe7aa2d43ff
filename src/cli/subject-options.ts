import type { Argv } from 'yargs';
import type { Flavour } from '../trace/observation.ts';
import { flavourOption, once, qemuOptions } from './options.ts';

export type SubjectArgs = {
  finding: string;
  findings: string;
  qemu: string[] | undefined;
  /** As asked for; else the finding's own, or both. */
  flavour: Flavour | 'both' | undefined;
  workers: number;
};

/** What is replayed or shrunk, and on what. */
export const subjectOptions = <T>(yargs: Argv<T>) =>
  qemuOptions(yargs)
    .positional('finding', {
      type: 'string',
      demandOption: true,
      describe: 'a finding (its id, the beginning of its id, its directory) or a sequence file',
    })
    .option('findings', {
      type: 'string',
      default: './findings',
      requiresArg: true,
      coerce: once<string>('findings'),
      describe: 'where findings are kept',
    })
    .option('flavour', { ...flavourOption, defaultDescription: "the finding's own, else both" });
