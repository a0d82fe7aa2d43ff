import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { EnvironmentError, UsageError } from '../errors.ts';
import { benchCommand } from './bench.ts';
import { doctorCommand } from './doctor.ts';
import { tool } from './options.ts';
import { qemuCommand } from './qemu.ts';
import { rulesCommand } from './rules.ts';
import { runCommand } from './run.ts';

const exitCodes = { usage: 2, environment: 3 } as const;

// A closed pipe (`| head`) is the reader's choice, not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

process.on('uncaughtException', complain);
process.on('unhandledRejection', (reason) =>
  complain(reason instanceof Error ? reason : new Error(String(reason))),
);

await yargs(hideBin(process.argv))
  .scriptName('mirrorfuzz')
  .usage("$0 COMMAND: hunts bugs in QEMU's live block jobs")
  .command(runCommand)
  .command(rulesCommand)
  .command(qemuCommand)
  .command(doctorCommand)
  .command(benchCommand)
  .completion('completion', 'print a shell completion script: eval "$(mirrorfuzz completion)"')
  .demandCommand(1, 'no command given')
  .strict()
  .recommendCommands()
  .help()
  .alias('help', 'h')
  .version(tool.version)
  .wrap(Math.min(110, process.stdout.columns ?? 110))
  .epilogue('Exit codes: 0 nothing wrong, 1 a finding, 2 wrong usage, 3 the machine failed, 130 interrupted')
  .fail((message, error) => {
    complain(error ?? new UsageError(message, 'mirrorfuzz --help'));
  })
  .parseAsync();

/** One clear line on stderr, and the exit code of the contract. */
function complain(error: Error): never {
  const known = error instanceof UsageError || error instanceof EnvironmentError;
  const remedy = known && error.remedy ? ` (try: ${error.remedy})` : '';
  process.stderr.write(known ? `mirrorfuzz: ${error.message}${remedy}\n` : `mirrorfuzz: ${error.stack}\n`);
  process.exit(error instanceof UsageError ? exitCodes.usage : exitCodes.environment);
}
