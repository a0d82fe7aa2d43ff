import { randomBytes } from 'node:crypto';
import type { CommandModule } from 'yargs';
import type { CampaignEvent } from '../campaign/campaign-event.ts';
import { dryRun } from '../campaign/dry-run.ts';
import { countDrawnValues } from '../campaign/feedback/drawn-values.ts';
import { readSeeds } from '../campaign/feedback/seeds.ts';
import { hunt } from '../campaign/hunt.ts';
import type { HuntPlan } from '../campaign/hunt-plan.ts';
import { loadProperties } from '../campaign/properties.ts';
import { startAhead, type WorkersAhead } from '../campaign/worker/workers-ahead.ts';
import { UsageError } from '../errors.ts';
import { drawnFrom } from '../generate/features/feature.ts';
import { countFeatures } from '../generate/features/features.ts';
import { dryRunOutcome, featureTable } from '../report/dry-run-outcome.ts';
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
import { chosenProperties } from './chosen-properties.ts';
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
  /** Absent: no dry run; 'sequences': print them; a number: draw so many, and print what they hold. */
  'dry-run': 'sequences' | number | undefined;
  queue: string | undefined;
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
        type: 'string',
        coerce: dryRunOf,
        describe:
          'run none: print this seed’s fresh sequences (10, or --sequences); with N: what N of them hold',
      })
      .option('queue', {
        ...text(
          'queue',
          'coordinate the workers of a lab (mirrorfuzz worker): redis://HOST, rediss://, unix://',
        ),
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
  if (args.queue !== undefined && args['dry-run'] !== undefined)
    throw new UsageError('--dry-run runs nothing, and --queue asks others to run it', 'give one of the two');
  const lab = args.queue === undefined ? undefined : await openLab(args.queue, print);
  const isDry = args['dry-run'] !== undefined;
  const { plan, ahead } = lab
    ? { plan: await labPlanOf(args, lab) }
    : await planOf(args, isDry ? 0 : args.workers);
  if (args['dry-run'] === 'sequences') return printFresh(plan);
  if (args['dry-run'] !== undefined) return printFeatures(args, plan, args['dry-run']);
  if (lab && !args.quiet) print(`coordinates the workers at ${lab.connection.shown}, seed ${plan.seed}`);
  else if (!args.quiet) for (const line of openingLines(plan.programs, { all: true })) print(line);
  const begunMs = performance.now();
  const startedAt = new Date();
  const nowMs = (): number => performance.now() - begunMs;
  const tally = openHuntTally(nowMs);
  const progress = huntProgress({ ...args, print, budgetMs: plan.budget.timeMs, nowMs, state: tally.state });
  const status = openStatusTally(plan, { nowMs, startedAt, state: tally.state });
  const statusFile = keepStatusFile(plan.findingsDir, status.status);
  const hear = (event: CampaignEvent): void => {
    tally.hear(event);
    status.hear(event);
    progress.hear(event);
  };
  const hunting = lab
    ? lab.coordinate({ ...plan, ...askedOf(args) }, lab.connection, hear)
    : hunt(plan, hear, ahead?.start);

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
  await ahead?.stop(); // a hunt that is over at once takes none
  if (interrupted) return; // the process ends as soon as that is reported
  release();
  lab?.connection.close();
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
  for await (const { sequence } of drawn(plan, plan.budget.sequences ?? 10))
    process.stdout.write(printSequence(sequence));
}

async function printFeatures(args: Args, plan: HuntPlan, count: number): Promise<void> {
  const begun = { atMs: performance.now(), startedAt: new Date() };
  const features = countFeatures();
  const values = countDrawnValues();
  for await (const { sequence, binary } of drawn(plan, count)) {
    features.add(drawnFrom(sequence, binary));
    values.add(sequence, binary);
  }
  const about = { tool, options: optionsOf(args, plan), ...begun, elapsedMs: performance.now() - begun.atMs };
  const outcome = dryRunOutcome(plan, { features: features.result(), values: values.result() }, count, about);
  printer(args.json)(featureTable(outcome));
  if (args.json !== undefined) writeJson(args.json, outcome);
}

/** Fresh sequences, and the QEMU that each is for. */
async function* drawn(plan: HuntPlan, count: number): ReturnType<typeof dryRun> {
  const root = await openRunRoot();
  const files = await loadProperties(plan.propertyFiles);
  const properties = files.filter(({ name }) => plan.properties.includes(name));
  yield* dryRun({ ...plan, properties, root }, count);
  root.remove();
}

/** Once nothing is wrong with the options, so many workers are started ahead of the look at this machine's storage. */
async function planOf(args: Args, workers: number) {
  mustBeCounts(args);
  const asked = parseStorage(args.storage);
  let ahead: WorkersAhead | undefined;
  const release = onInterrupt(async () => ahead?.stop()); // what was made for the look goes as the process exits
  try {
    const found = await programsOf(args.qemu, args.flavour);
    const seed = seedOf(args.seed);
    const whatever = await whateverRunsOf(args);
    ahead = startAhead(workers);
    const programs = await Promise.all(
      found.map(async (program) => ({
        ...program,
        storage: await storageOf(program.target, asked),
        without: markUnasked(await withoutOf(program.target), asked),
      })),
    );
    return { plan: { programs, workers: args.workers, seed, ...whatever } satisfies HuntPlan, ahead };
  } catch (error) {
    await ahead?.stop();
    throw error;
  } finally {
    release();
  }
}

/** No QEMU is looked for here. Without a seed, a campaign whose coordinator was killed goes on. */
async function labPlanOf(args: Args, lab: Lab): Promise<HuntPlan> {
  mustBeCounts(args);
  const seed = args.seed ?? (await lab.seedToResume(lab.connection));
  return { programs: [], workers: 0, seed: seedOf(seed), ...(await whateverRunsOf(args)) };
}

/** What is hunted for, on whichever machine. */
async function whateverRunsOf(args: Args): Promise<Omit<HuntPlan, 'programs' | 'workers' | 'seed'>> {
  const unbounded = args.sequences !== undefined || args['stop-after'] !== undefined;
  const time = args.time ?? (unbounded ? undefined : defaultTime);
  return {
    ...(await chosenProperties(args.properties)),
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

function mustBeCounts(args: Args): void {
  mustCount('workers', args.workers);
  if (args.sequences !== undefined) mustCount('sequences', args.sequences);
  if (args['stop-after'] !== undefined) mustCount('stop-after', args['stop-after']);
}

/** Which of the lab's QEMUs are asked for, by label or version. */
function askedOf({ qemu, flavour, storage }: Args) {
  const asked = parseStorage(storage);
  return { wanted: qemu, flavour, programs: [], ...(asked ? { storage: asked } : {}) };
}

type Lab = Awaited<ReturnType<typeof openLab>>;

/** Loaded where there is a queue, and nowhere else. */
async function openLab(queue: string, print: (text: string) => void) {
  const { openConnection } = await import('../lab/connection.ts');
  const { parseQueueUrl } = await import('../lab/queue-url.ts');
  const { coordinate } = await import('../lab/coordinate.ts');
  const { seedToResume } = await import('../lab/begin-campaign.ts');
  const connection = await openConnection(parseQueueUrl(queue), (why) =>
    print(why === undefined ? 'Redis is there again' : `Redis is gone (${why}); it is waited for`),
  );
  return { connection, coordinate, seedToResume };
}

export function seedOf(seed: string | undefined): string {
  if (seed === undefined) return randomBytes(8).readBigUInt64BE().toString();
  if (/^\d{1,20}$/.test(seed) && BigInt(seed) < 2n ** 64n) return BigInt(seed).toString();
  throw new UsageError(`--seed ${seed}: must be a whole number from 0 to 2^64-1`, 'mirrorfuzz hunt --seed 7');
}

/** Of `--dry-run`, with or without a number. */
function dryRunOf(given: string | string[]): 'sequences' | number {
  const text = once<string>('dry-run')(given);
  if (text === '') return 'sequences';
  mustCount('dry-run', Number(text));
  return Number(text);
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
