import { mkdirSync } from 'node:fs';
import type { CommandModule } from 'yargs';
import { type RunItem, runAll } from '../campaign/run-all.ts';
import { readSequences } from '../corpus/read.ts';
import { UsageError } from '../errors.ts';
import { storedAs } from '../findings/stored-as.ts';
import { rules } from '../judge/judge.ts';
import { decidedText } from '../report/decided.ts';
import { laneChart } from '../report/lane-chart.ts';
import { openingLines } from '../report/opening-lines.ts';
import { type Outcome, openTally } from '../report/outcome.ts';
import { traceText } from '../report/trace-text.ts';
import { type VerdictWithReason, verdictText } from '../report/verdict-text.ts';
import { whyText } from '../report/why-text.ts';
import { openRunRoot } from '../target/run-dir.ts';
import type { Flavour } from '../trace/observation.ts';
import { imagesUnjudged } from './images-unjudged.ts';
import { onInterrupt } from './interrupt.ts';
import { drivingOptions, once, outputOptions, printer, tool, writeJson } from './options.ts';
import { programsOf } from './programs.ts';

type Args = {
  files: string[];
  qemu: string[] | undefined;
  flavour: Flavour | 'both';
  workers: number;
  findings: string;
  traces: string | undefined;
  'raw-sha1': boolean;
  json: string | undefined;
  quiet: boolean;
  verbose: boolean;
  color: boolean;
};

export const runCommand: CommandModule<object, Args> = {
  command: 'run <files..>',
  describe: 'run sequences once, judge them, print the trace',
  builder: (yargs) =>
    outputOptions(drivingOptions(yargs))
      .positional('files', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'sequence files, or directories of them',
      })
      .option('findings', {
        type: 'string',
        default: './findings',
        requiresArg: true,
        coerce: once<string>('findings'),
        describe: 'where findings are kept: by it the JSON says which are known, and by which id',
      })
      .option('traces', {
        type: 'string',
        requiresArg: true,
        coerce: once<string>('traces'),
        describe: 'directory to keep each trace.jsonl in',
      })
      .option('raw-sha1', {
        type: 'boolean',
        default: false,
        describe: 'also hash each image that is read as raw bytes, like sha1sum; 2 s per GiB',
      })
      .example('$0 run corpus/test-plan', 'the test plan, on the QEMU on PATH, in both flavours')
      .example('$0 run a.json --qemu 7.2.22 --qemu debian:sid', 'one sequence on two versions')
      .example('$0 run a.json --flavour daemon --json -', 'the storage daemon only, the result as JSON'),
  handler: run,
};

async function run(args: Args): Promise<void> {
  const print = printer(args.json);
  if (!Number.isInteger(args.workers) || args.workers < 1)
    throw new UsageError('--workers must be a whole number, 1 or more');
  const sequences = readSequences(args.files);
  const programs = await programsOf(args.qemu, args.flavour);
  if (args.traces !== undefined) makeDir(args.traces);
  if (!args.quiet) for (const line of openingLines(programs, { all: args.verbose })) print(line);
  for (const line of await imagesUnjudged(programs, sequences)) print(line);
  const root = await openRunRoot();
  const begunMs = performance.now();
  const startedAt = new Date();
  const tally = openTally({
    tool,
    options: optionsOf(args),
    programs,
    startedAt,
    stored: storedAs(args.findings),
  });
  // One run is read in full; of many, only what went wrong.
  const inFull = args.verbose || (sequences.length * programs.length === 1 && !args.quiet);

  const all = runAll(
    {
      sequences,
      programs,
      workers: args.workers,
      root,
      tool,
      rawSha1: args['raw-sha1'],
      ...(args.traces === undefined ? {} : { tracesDir: args.traces }),
    },
    (item) => {
      tally.add(item);
      if (args.quiet && item.verdict !== 'fail') return;
      for (const line of verdictText(rulingOf(item), args.color)) print(line);
      if (!inFull && item.verdict !== 'fail') return;
      for (const line of traceText(item.trace, { all: args.verbose })) print(`    ${line}`);
      for (const line of laneChart(item.trace, item.violations[0]?.at)) print(line);
      if (args.verbose && item.trace.length > 0)
        for (const line of whyText(item.verdicts, rules.length)) print(`    ${line}`);
    },
  );
  // However this process ends, also by a closed pipe.
  let interrupted = false;
  const release = onInterrupt(async () => {
    interrupted = true;
    await all.kill();
    finish(true);
  });
  try {
    await all.finished;
  } catch (error) {
    if (!interrupted) {
      await all.kill();
      finish(true);
      throw error;
    }
  }
  if (interrupted) return; // the process ends as soon as that is done
  release();
  root.remove();
  process.exitCode = exitCode(finish(false));
  const hopeless = all.hopeless();
  if (hopeless) throw hopeless;

  function finish(interrupted: boolean): Outcome {
    const elapsedMs = performance.now() - begunMs;
    const outcome = tally.outcome({ elapsedMs, sessionsStarted: all.sessionsStarted(), interrupted });
    for (const line of summary(outcome)) print(line);
    if (args.json !== undefined) writeJson(args.json, outcome);
    return outcome;
  }
}

function exitCode(outcome: Outcome): number {
  return outcome.verdict === 'fail' ? 1 : outcome.verdict === 'unknown' ? 3 : 0;
}

function makeDir(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true });
  } catch (error) {
    throw new UsageError(`--traces ${dir}: ${(error as Error).message}`, 'give it another directory');
  }
}

const rulingOf = (item: RunItem): VerdictWithReason => ({
  ...item,
  name: item.named.name,
  version: item.target.version,
});

function summary(outcome: Outcome): string[] {
  const count = (verdict: RunItem['verdict']): number =>
    outcome.items.filter((item) => item.verdict === verdict).length;
  const { total, reasons } = decidedText(outcome.decided);
  const parts = [`${count('pass')} passed`, `${count('fail')} failed`, `${count('skipped')} skipped`];
  if (count('unknown') > 0) parts.push(`${count('unknown')} undecided`);
  const seconds = (outcome.elapsedMs / 1000).toFixed(1);
  const begun = outcome.interrupted ? 'interrupted: ' : '';
  return [...reasons, `${begun}${parts.join(', ')}; ${total}; ${outcome.commands} commands in ${seconds} s`];
}

function optionsOf(args: Args): Record<string, unknown> {
  const { files, qemu, flavour, workers, traces, 'raw-sha1': rawSha1 } = args;
  return { files, qemu: qemu ?? null, flavour, workers, traces: traces ?? null, rawSha1 };
}
