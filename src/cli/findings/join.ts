import type { CommandModule } from 'yargs';
import { openFindings } from '../../findings/store.ts';
import { storedFinding } from '../../findings/stored.ts';
import { outputOptions, printer, tool, writeJson } from '../options.ts';
import { idArgument, storeOption } from './options.ts';

type Args = { id: string; twin: string; findings: string; json: string | undefined };

export const joinCommand: CommandModule<object, Args> = {
  command: 'join <id> <twin>',
  describe: 'say that a finding of another store is the same defect, under another signature',
  builder: (yargs) =>
    outputOptions(
      storeOption(idArgument(yargs)).positional('twin', {
        type: 'string',
        demandOption: true,
        describe: 'the directory of the other finding; it is only read',
      }),
    )
      .example('$0 findings join 23c9 hunts/8c9e9334b76f', 'later hunts tell it as 23c9')
      .epilogue(
        'Exit codes: 0 it is told so, also if it was before; 2 it is known as another one, or wrong usage.',
      ),
  handler({ id, twin: dir, findings, json }) {
    const twin = storedFinding(dir).finding;
    const finding = openFindings(findings).join(id, twin);
    printer(json)(`${twin.signature}: told as ${finding.id}`);
    if (json !== undefined)
      writeJson(json, { schema: 1, tool, id: finding.id, alsoBreaks: finding.alsoBreaks ?? [] });
  },
};
