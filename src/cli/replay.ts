import type { CommandModule } from 'yargs';
import { checkBlock } from '../campaign/discoveries/block-checks.ts';
import { type RunPlan, runAll } from '../campaign/run-all.ts';
import { UsageError } from '../errors.ts';
import { limits } from '../findings/limits.ts';
import { openFindings } from '../findings/store.ts';
import { storedAs } from '../findings/stored-as.ts';
import { decidedText } from '../report/decided.ts';
import { openingLines } from '../report/opening-lines.ts';
import { openTally } from '../report/outcome.ts';
import { type ReplayOutcome, replayOutcome } from '../report/replay-outcome.ts';
import { openReplayTally } from '../report/replay-tally.ts';
import { traceText } from '../report/trace-text.ts';
import { verdictText } from '../report/verdict-text.ts';
import { listQemu } from '../target/programs/binary.ts';
import { openRunRoot } from '../target/run-dir.ts';
import { exitCodes } from './exit-code.ts';
import { imagesUnjudged } from './images-unjudged.ts';
import { onInterrupt } from './interrupt.ts';
import { count, outputOptions, printer, tool, writeJson } from './options.ts';
import { programsOf } from './programs.ts';
import { readSubject, traceOf } from './subject.ts';
import { type SubjectArgs, subjectOptions } from './subject-options.ts';

type Args = SubjectArgs & {
  everywhere: boolean | undefined;
  bisect: boolean;
  record: boolean;
  times: number | undefined;
  workers: number;
  json: string | undefined;
  quiet: boolean;
  verbose: boolean;
  color: boolean;
};

export const replayCommand: CommandModule<object, Args> = {
  command: 'replay <finding>',
  describe: "run a finding's minimal sequence several times and report how often the defect shows",
  builder: (yargs) =>
    subjectOptions(outputOptions(yargs))
      .option('times', {
        type: 'number',
        requiresArg: true,
        coerce: count('times'),
        describe: 'runs on each QEMU in each flavour',
        defaultDescription: `${timesUsual}; with --record ${limits.rateRunsMin}, and ${limits.rateRunsInDoubt} where those do not all say the same`,
      })
      .option('everywhere', {
        type: 'boolean',
        conflicts: 'qemu', // which any default would be, too
        describe: 'on every QEMU of `qemu list`',
      })
      .option('bisect', {
        type: 'boolean',
        default: false,
        describe: 'exit code 125 where it could not be decided, which `git bisect run` skips',
      })
      .option('record', {
        type: 'boolean',
        default: false,
        describe: 'store in the finding which QEMUs are affected; without it replay changes nothing',
      })
      .example('$0 replay 3f2a', 'the finding whose id begins so, on the QEMU on PATH')
      .example('$0 replay 3f2a --everywhere --record', 'the finding keeps which versions show it')
      .example(
        'git bisect run $0 replay 3f2a --bisect --qemu build/',
        'exit code 1 while it shows, 0 when it does not, 125 where that build does not run',
      )
      .epilogue(
        'Exit codes: 1 it shows; 0 it does not, in those runs that were decided; 3 no run was decided, or the machine failed; 2 wrong usage. With --bisect 2 and 3 become 125.',
      ),
  handler: replay,
};

async function replay(args: Args): Promise<void> {
  const print = printer(args.json);
  const subject = readSubject(args.finding, args.findings);
  const { finding, store, ...named } = subject;
  if (args.record && store === undefined)
    throw new UsageError(`--record: ${args.finding} is no finding in a store`, 'replay it without --record');
  if (args.record && args.times !== undefined && args.times < limits.rateRunsMin)
    throw new UsageError(
      `--times ${args.times}: a rate that is kept rests on ${limits.rateRunsMin} runs at least`,
      'leave --times out, or --record',
    );
  const times = args.times ?? (args.record ? limits.rateRunsMin : timesUsual);
  const flavour = args.flavour ?? (args.everywhere ? 'both' : (finding?.flavour ?? 'both'));
  const programs = await programsOf(args.everywhere ? await everyLabel() : args.qemu, flavour);
  if (!args.quiet) for (const line of openingLines(programs, { all: args.verbose })) print(line);
  for (const line of await imagesUnjudged(programs, [subject])) print(line);
  const root = await openRunRoot();
  const begunMs = performance.now();
  const options = {
    finding: args.finding,
    times,
    qemu: args.qemu ?? null,
    flavour: args.flavour ?? null,
    bisect: args.bisect,
    record: args.record,
  };
  const tally = openTally({
    tool,
    options,
    programs,
    startedAt: new Date(),
    stored: storedAs(store ?? args.findings, finding),
  });
  const counts = openReplayTally(finding && { signature: finding.signature, trace: traceOf(subject) });

  // Of a rate that is kept, the runs beyond the first ones are made only where they are needed.
  const most = args.record ? Math.max(times, limits.rateRunsInDoubt) : times;
  const sequences = Array.from({ length: most }, () => named);
  const isWanted: RunPlan['isWanted'] = (program, run) => run < times || counts.needsMore(program);
  const all = runAll({ sequences, programs, workers: args.workers, root, tool, isWanted }, (item) => {
    tally.add(item);
    counts.add(item);
    if (args.quiet) return;
    const { target, violations } = item;
    for (const line of verdictText({ ...item, name: named.name, version: target.version }, args.color))
      print(line);
    if (args.verbose || (violations.length > 0 && counts.result().runs === 1))
      for (const line of traceText(item.trace, { all: args.verbose })) print(`    ${line}`);
  });
  let interrupted = false;
  const release = onInterrupt(async () => {
    interrupted = true;
    await all.kill();
    finish();
  });
  try {
    await all.finished;
  } catch (error) {
    if (!interrupted) {
      await all.kill();
      throw error;
    }
  }
  if (interrupted) return; // the process ends as soon as that is done
  release();
  root.remove();
  const { verdict } = finish();
  process.exitCode = exitCode(verdict, args.bisect);
  // A QEMU without the defect says nothing of the block.
  const shows = new Set(counts.affected().flatMap(({ label, ok }) => (ok > 0 ? [label] : [])));
  const showing = programs.filter(({ target }) => shows.has(target.label));
  const shownBy = showing.find(({ target }) => target.label === finding?.qemu[0]) ?? showing[0];
  if (args.record && finding && store !== undefined && shownBy)
    await checkBlock(openFindings(store), finding.id, shownBy.target);

  function finish(): ReplayOutcome {
    const elapsedMs = performance.now() - begunMs;
    const runs = tally.outcome({ elapsedMs, sessionsStarted: all.sessionsStarted(), interrupted });
    const outcome = replayOutcome(runs, counts.result());
    const rows = counts.affected();
    if (args.record && finding && store !== undefined && rows.length > 0)
      openFindings(store).setAffected(finding.id, rows);
    if (args.json !== undefined) writeJson(args.json, outcome);
    for (const other of counts.others()) print(`another one: ${other}`);
    for (const reason of decidedText(outcome.decided).reasons) print(reason);
    print(`reproduced ${outcome.reproduced.ok}/${outcome.reproduced.of}`);
    return outcome;
  }
}

/** Runs on each program that only look whether it shows. */
const timesUsual = 5;

function exitCode(verdict: ReplayOutcome['verdict'], bisect: boolean): number {
  switch (verdict) {
    case 'fail':
      return exitCodes.finding;
    case 'pass':
      return exitCodes.nothing;
    case 'unknown':
      return bisect ? exitCodes.bisectSkips : exitCodes.environment;
  }
}

const everyLabel = async (): Promise<string[]> => (await listQemu()).map(({ label }) => label);
