import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { EnvironmentError, UsageError } from '../errors.ts';
import { printableLines } from '../printable.ts';
import { benchCommand } from './bench.ts';
import { watchOutput } from './closed-pipe.ts';
import { complain } from './complain.ts';
import { corpusCommand } from './corpus.ts';
import { diffCommand } from './diff.ts';
import { doctorCommand } from './doctor.ts';
import { exitCodes, isBisecting } from './exit-code.ts';
import { findingsCommand } from './findings.ts';
import { gateCommand } from './gate.ts';
import { huntCommand } from './hunt.ts';
import { judgeCommand } from './judge.ts';
import { tool } from './options.ts';
import { qemuCommand } from './qemu.ts';
import { replayCommand } from './replay.ts';
import { reportCommand } from './report.ts';
import { rulesCommand } from './rules.ts';
import { runCommand } from './run.ts';
import { scenarioCommand } from './scenario.ts';
import { shimCommand } from './shim.ts';
import { shrinkCommand } from './shrink.ts';

watchOutput();

process.on('uncaughtException', endWith);
process.on('unhandledRejection', (reason) =>
  endWith(reason instanceof Error ? reason : new Error(String(reason))),
);

await yargs(hideBin(process.argv))
  .scriptName('mirrorfuzz')
  .usage("$0 COMMAND: hunts bugs in QEMU's live block jobs")
  .command(huntCommand)
  .command(runCommand)
  .command(replayCommand)
  .command(shrinkCommand)
  .command(judgeCommand)
  .command(rulesCommand)
  .command(findingsCommand)
  .command(corpusCommand)
  .command(scenarioCommand)
  .command(gateCommand)
  .command(diffCommand)
  .command(reportCommand)
  .command(qemuCommand)
  .command(shimCommand)
  .command(doctorCommand)
  .command(benchCommand)
  .completion('completion', 'print a shell completion script: eval "$(mirrorfuzz completion)"')
  .demandCommand(1, 'no command given')
  .strict()
  .locale('en')
  .recommendCommands()
  .help()
  .alias('help', 'h')
  .version(tool.version)
  .wrap(Math.min(110, process.stdout.columns ?? 110))
  .epilogue(
    'Exit codes: 0 nothing wrong, 1 a finding, 2 wrong usage, 3 the machine failed or nothing could be judged, 130 interrupted',
  )
  .fail((message, error) => endWith(error && error.name !== 'YError' ? error : usageError(message)))
  .parseAsync();

/** What yargs says of a command line that it does not take, in one line that names the command. */
function usageError(message: string): UsageError {
  const [command = ''] = hideBin(process.argv).filter((word) => !word.startsWith('-'));
  if (message.startsWith('Did you mean') || message === `Unknown argument: ${command}`) {
    const guess = message.startsWith('Did') ? `: d${message.slice(1)}` : '';
    return new UsageError(`there is no command "${command}"${guess}`, 'mirrorfuzz --help');
  }
  const remedy = ['mirrorfuzz', command, '--help'].filter(Boolean).join(' ');
  const isShort = message.startsWith('Not enough non-option arguments');
  return new UsageError(isShort ? `something is missing after "${command}"` : message, remedy);
}

/** One clear line on stderr, and the exit code of the contract. */
function endWith(error: Error): never {
  if (error instanceof UsageError || error instanceof EnvironmentError)
    complain(`${error.message}${error.remedy ? ` (try: ${error.remedy})` : ''}`);
  else process.stderr.write(`mirrorfuzz: ${printableLines(error.stack ?? error.message)}\n`);
  if (isBisecting(hideBin(process.argv))) process.exit(exitCodes.bisectSkips);
  process.exit(error instanceof UsageError ? exitCodes.usage : exitCodes.environment);
}
