import { randomBytes } from 'node:crypto';
import type { CommandModule } from 'yargs';
import { dryRun } from '../campaign/dry-run.ts';
import { readSeeds } from '../campaign/feedback/seeds.ts';
import { hunt } from '../campaign/hunt.ts';
import type { HuntPlan } from '../campaign/hunt-plan.ts';
import { loadProperties, propertyFiles } from '../campaign/properties.ts';
import { UsageError } from '../errors.ts';
import { huntOutcome } from '../report/hunt-outcome.ts';
import { huntSummary } from '../report/hunt-summary.ts';
import { openHuntTally } from '../report/hunt-tally.ts';
import { keepStatusFile } from '../report/live/status-file.ts';
import { openStatusTally } from '../report/live/status-tally.ts';
import { openingLines } from '../report/opening-lines.ts';
import { printSequence } from '../sequence/print.ts';
import { openRunRoot } from '../target/run-dir.ts';
import { withoutOf } from '../target/storage/usable.ts';
import type { Flavour } from '../trace/observation.ts';
import { complain } from './complain.ts';
import { durationMs } from './duration.ts';
import { huntProgress } from './hunt-progress.ts';
import { onInterrupt } from './interrupt.ts';
import { drivingOptions, once, outputOptions, printer, tool, writeJson } from './options.ts';
import { programsOf } from './programs.ts';
import { markUnasked, parseStorage, storageOf, storageOption } from './storage-option.ts';
import { writableDir } from './writable-dir.ts';

type Args = {
  qemu: string[] | undefined;
  flavour: Flavour | 'both';
  workers: number;
  time: string | undefined;
  sequences: number | undefined;
  seed: string | undefined;
  properties: string | undefined;
  storage: string | undefined;
  findings: string;
  corpus: string;
  'stop-after': number | undefined;
  shrink: boolean;
  mask: boolean;
  feedback: boolean;
  'dry-run': boolean;
  json: string | undefined;
  quiet: boolean;
  verbose: boolean;
  color: boolean;
};

export const huntCommand: CommandModule<object, Args> = {
  command: 'hunt',
  describe: 'generate, run, judge, shrink, record, until the budget is spent',
  builder: (yargs) =>
    outputOptions(drivingOptions(yargs))
      .option('time', text('time', 'budget: 90s, 10m, 2h', defaultTime))
      .option('sequences', number('sequences', 'budget: end after that many sequences'))
      .option('seed', text('seed', 'the number that every choice is drawn from (64 bits); always printed'))
      .option(
        'properties',
        text('properties', 'generate only from these files of properties/: NAME,…', 'all'),
      )
      .option('storage', storageOption)
      .option('findings', { ...text('findings', 'where findings are kept'), default: './findings' })
      .option('corpus', { ...text('corpus', 'sequences to vary'), default: './corpus' })
      .option('stop-after', number('stop-after', 'end after that many distinct findings'))
      .option('shrink', flag('--no-shrink records failures without making them smaller'))
      .option('mask', flag('--no-mask keeps generating sequences that hit a known crash'))
      .option('feedback', flag('--no-feedback generates every sequence afresh and varies none'))
      .option('dry-run', {
        type: 'boolean',
        default: false,
        describe: 'print the fresh sequences of this seed (10, or --sequences), and run none',
      })
      .example('$0 hunt --time 60s', 'a minute, on the QEMU on PATH, in both flavours')
      .example('$0 hunt --qemu debian:sid --time 2h --seed 7', 'two hours on another one')
      .example('$0 hunt --properties integrity,quit-anytime', 'two properties only'),
  handler: run,
};

/** Long enough for the shallow defects of a version, short enough to wait for. */
const defaultTime = '10m';

async function run(args: Args): Promise<void> {
  const print = printer(args.json);
  const plan = await planOf(args);
  if (args['dry-run']) return printFresh(plan);
  if (!args.quiet) for (const line of openingLines(plan.programs, { all: true })) print(line);
  const begunMs = performance.now();
  const startedAt = new Date();
  const nowMs = (): number => performance.now() - begunMs;
  const tally = openHuntTally(nowMs);
  const progress = huntProgress({ ...args, print, budgetMs: plan.budget.timeMs, nowMs, state: tally.state });
  const status = openStatusTally(plan, { nowMs, startedAt, state: tally.state });
  const statusFile = keepStatusFile(plan.findingsDir, status.status);
  const hunting = hunt(plan, (event) => {
    tally.hear(event);
    status.hear(event);
    progress.hear(event);
  });

  let interrupted = false;
  const release = onInterrupt(async () => {
    interrupted = true;
    await hunting.kill();
    finish();
  });
  let failure: unknown;
  await hunting.finished.catch((error: unknown) => {
    failure = error;
  });
  if (interrupted) return; // the process ends as soon as that is reported
  release();
  const outcome = finish();
  if (failure && outcome.verdict !== 'fail') throw failure;
  if (failure) complain((failure as Error).message);
  process.exitCode = outcome.verdict === 'fail' ? 1 : outcome.verdict === 'unknown' ? 3 : 0;

  function finish() {
    const elapsedMs = nowMs();
    progress.end();
    statusFile.end();
    for (const line of huntSummary(tally.state(), elapsedMs, interrupted)) print(line);
    const options = optionsOf(args, plan);
    const outcome = huntOutcome(tally.state(), { tool, options, startedAt, elapsedMs, interrupted });
    if (args.json !== undefined) writeJson(args.json, outcome);
    return outcome;
  }
}

async function printFresh(plan: HuntPlan): Promise<void> {
  const root = await openRunRoot();
  process.once('exit', root.remove);
  const files = await loadProperties(plan.propertyFiles);
  const properties = files.filter(({ name }) => plan.properties.includes(name));
  for await (const sequence of dryRun({ ...plan, properties, root }, plan.budget.sequences ?? 10))
    process.stdout.write(printSequence(sequence));
  root.remove();
}

async function planOf(args: Args): Promise<HuntPlan> {
  mustCount('workers', args.workers);
  if (args.sequences !== undefined) mustCount('sequences', args.sequences);
  if (args['stop-after'] !== undefined) mustCount('stop-after', args['stop-after']);
  const files = propertyFiles();
  const properties = chosenProperties(
    (await loadProperties(files)).map(({ name }) => name),
    args.properties,
  );
  const unbounded = args.sequences !== undefined || args['stop-after'] !== undefined;
  const time = args.time ?? (unbounded ? undefined : defaultTime);
  const asked = parseStorage(args.storage);
  const programs = await programsOf(args.qemu, args.flavour);
  return {
    programs: await Promise.all(
      programs.map(async (program) => ({
        ...program,
        storage: await storageOf(program.target, asked),
        without: markUnasked(await withoutOf(program.target), asked),
      })),
    ),
    workers: args.workers,
    seed: seedOf(args.seed),
    properties,
    propertyFiles: files,
    budget: {
      ...(time === undefined ? {} : { timeMs: durationMs('--time', time) }),
      ...(args.sequences === undefined ? {} : { sequences: args.sequences }),
    },
    shrink: args.shrink,
    mask: args.mask,
    feedback: args.feedback,
    ...(args['stop-after'] === undefined ? {} : { stopAfter: args['stop-after'] }),
    findingsDir: writableDir('findings', args.findings),
    ...(args.feedback
      ? { ...readSeeds(args.corpus), corpusDir: writableDir('corpus', args.corpus) }
      : { seeds: [] }),
    tool,
  };
}

export function chosenProperties(all: readonly string[], wanted: string | undefined): string[] {
  if (wanted === undefined) return [...all];
  const names = wanted.split(',').filter((name) => name !== '');
  const unknown = names.find((name) => !all.includes(name));
  if (unknown !== undefined || names.length === 0) {
    throw new UsageError(
      `--properties ${wanted}: there is no property "${unknown ?? ''}"`,
      `one or more of ${all.join(', ')}`,
    );
  }
  return names;
}

export function seedOf(seed: string | undefined): string {
  if (seed === undefined) return randomBytes(8).readBigUInt64BE().toString();
  if (/^\d{1,20}$/.test(seed) && BigInt(seed) < 2n ** 64n) return BigInt(seed).toString();
  throw new UsageError(`--seed ${seed}: must be a whole number from 0 to 2^64-1`, 'mirrorfuzz hunt --seed 7');
}

function mustCount(option: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1)
    throw new UsageError(`--${option} must be a whole number, 1 or more`);
}

function optionsOf(args: Args, { programs, properties, budget, seed }: HuntPlan): Record<string, unknown> {
  const { qemu, flavour, workers, shrink, mask, feedback, findings, corpus } = args;
  return {
    qemu: qemu ?? null,
    flavour,
    workers,
    ...budget,
    seed,
    storage: [...new Set(programs.flatMap(({ storage = [] }) => storage))],
    properties,
    shrink,
    mask,
    feedback,
    stopAfter: args['stop-after'] ?? null,
    findings,
    corpus,
  };
}

function text(name: string, describe: string, defaultDescription?: string) {
  return {
    type: 'string',
    requiresArg: true,
    coerce: once<string>(name),
    describe,
    ...(defaultDescription === undefined ? {} : { defaultDescription }),
  } as const;
}

function number(name: string, describe: string) {
  return { type: 'number', requiresArg: true, coerce: once<number>(name), describe } as const;
}

function flag(describe: string) {
  return { type: 'boolean', default: true, describe } as const;
}
