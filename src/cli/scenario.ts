import type { CommandModule } from 'yargs';
import { listScenarios } from './scenario/list.ts';
import { runScenario } from './scenario/run.ts';

export const scenarioCommand: CommandModule = {
  command: 'scenario',
  describe: "the test plan's named scenarios: list them, run them on several QEMUs",
  builder: (yargs) =>
    yargs
      .command(listScenarios)
      .command(runScenario)
      .demandCommand(1, 'scenario needs a subcommand: list or run'),
  handler: () => {},
};
