import yargs, { type CommandModule } from 'yargs';
import { UsageError } from '../errors.ts';
import { tool } from './options.ts';

/**
 * What a command line says is done: `words` are those after the program's name. The command's verdict is in
 * `process.exitCode`. Throws UsageError for a command line that nothing can be made of, and what the command throws.
 */
export async function carryOut(words: readonly string[]): Promise<void> {
  await yargs([...words])
    .scriptName('mirrorfuzz')
    .usage("$0 COMMAND: hunts bugs in QEMU's live block jobs")
    .command(await wanted(words))
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
    .fail((message, error) => {
      throw error && error.name !== 'YError' ? error : usageError(message, words);
    })
    .parseAsync();
}

/** In the order of the help. A command is loaded when it is asked for: all of them take half a second. */
const commands: Record<string, () => Promise<CommandModule>> = {
  hunt: async () => (await import('./hunt.ts')).huntCommand as CommandModule,
  run: async () => (await import('./run.ts')).runCommand as CommandModule,
  replay: async () => (await import('./replay.ts')).replayCommand as CommandModule,
  shrink: async () => (await import('./shrink.ts')).shrinkCommand as CommandModule,
  judge: async () => (await import('./judge.ts')).judgeCommand as CommandModule,
  rules: async () => (await import('./rules.ts')).rulesCommand as CommandModule,
  findings: async () => (await import('./findings.ts')).findingsCommand as CommandModule,
  corpus: async () => (await import('./corpus.ts')).corpusCommand as CommandModule,
  coverage: async () => (await import('./coverage.ts')).coverageCommand as CommandModule,
  scenario: async () => (await import('./scenario.ts')).scenarioCommand as CommandModule,
  gate: async () => (await import('./gate.ts')).gateCommand as CommandModule,
  diff: async () => (await import('./diff.ts')).diffCommand as CommandModule,
  report: async () => (await import('./report.ts')).reportCommand as CommandModule,
  serve: async () => (await import('./serve.ts')).serveCommand as CommandModule,
  qemu: async () => (await import('./qemu.ts')).qemuCommand as CommandModule,
  shim: async () => (await import('./shim.ts')).shimCommand as CommandModule,
  doctor: async () => (await import('./doctor.ts')).doctorCommand as CommandModule,
  worker: async () => (await import('./worker.ts')).workerCommand as CommandModule,
  bench: async () => (await import('./bench.ts')).benchCommand as CommandModule,
};

/** The command that comes first on the command line; all of them where none does: help, completion, a misspelt one. */
async function wanted([first = '']: readonly string[]): Promise<CommandModule[]> {
  const load = Object.hasOwn(commands, first) ? commands[first] : undefined;
  return Promise.all(load ? [load()] : Object.values(commands).map((each) => each()));
}

/** What yargs says of a command line that it does not take, in one line that names the command. */
function usageError(message: string, words: readonly string[]): UsageError {
  const [command = ''] = words.filter((word) => !word.startsWith('-'));
  if (message.startsWith('Did you mean') || message === `Unknown argument: ${command}`) {
    const guess = message.startsWith('Did') ? `: d${message.slice(1)}` : '';
    return new UsageError(`there is no command "${command}"${guess}`, 'mirrorfuzz --help');
  }
  const remedy = ['mirrorfuzz', command, '--help'].filter(Boolean).join(' ');
  const isShort = message.startsWith('Not enough non-option arguments');
  return new UsageError(isShort ? `something is missing after "${command}"` : message, remedy);
}
