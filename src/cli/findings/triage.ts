import type { CommandModule } from 'yargs';
import { type Status, statuses } from '../../findings/finding.ts';
import { openFindings } from '../../findings/store.ts';
import { once } from '../options.ts';
import { idArgument, storeOption } from './options.ts';

type Args = {
  id: string;
  findings: string;
  status: Status;
  note: string | undefined;
  link: string | undefined;
};

export const triageCommand: CommandModule<object, Args> = {
  command: 'triage <id>',
  describe: 'set the status of a finding: confirmed, known, fixed, wontfix',
  builder: (yargs) =>
    storeOption(idArgument(yargs))
      .option('status', {
        choices: statuses,
        demandOption: true,
        requiresArg: true,
        coerce: once<Status>('status'),
        describe: 'its new status',
      })
      .option('note', {
        type: 'string',
        requiresArg: true,
        coerce: once<string>('note'),
        describe: 'why, in one sentence; replaces the earlier note',
      })
      .option('link', {
        type: 'string',
        requiresArg: true,
        coerce: once<string>('link'),
        describe: 'where it is reported or fixed; added to the earlier links',
      })
      .example('$0 findings triage 3f2a --status known --link URL', 'later hunts report it as known'),
  handler({ id, findings, status, note, link }) {
    const finding = openFindings(findings).setStatus(id, {
      status,
      ...(note === undefined ? {} : { note }),
      ...(link === undefined ? {} : { link }),
    });
    process.stdout.write(`${finding.id}: ${finding.status}\n`);
  },
};
