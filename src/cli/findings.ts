import type { CommandModule } from 'yargs';
import { ablateCommand } from './findings/ablate.ts';
import { explainCommand } from './findings/explain.ts';
import { exportCommand } from './findings/export.ts';
import { joinCommand } from './findings/join.ts';
import { listCommand } from './findings/list.ts';
import { recheckCommand } from './findings/recheck.ts';
import { showCommand } from './findings/show.ts';
import { triageCommand } from './findings/triage.ts';

export const findingsCommand: CommandModule = {
  command: 'findings',
  describe: 'the findings store: list, show, export as a reproducer, triage, join, ablate, recheck, explain',
  builder: (yargs) =>
    yargs
      .command(listCommand)
      .command(showCommand)
      .command(exportCommand)
      .command(triageCommand)
      .command(joinCommand)
      .command(ablateCommand)
      .command(recheckCommand)
      .command(explainCommand)
      .demandCommand(
        1,
        'findings needs a subcommand: list, show, export, triage, join, ablate, recheck or explain',
      ),
  handler: () => {},
};
