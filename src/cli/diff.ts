import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandModule } from 'yargs';
import { dryRun } from '../campaign/dry-run.ts';
import { loadProperties, propertyFiles } from '../campaign/properties.ts';
import { readSequences } from '../corpus/read.ts';
import { readScenarios } from '../corpus/scenarios.ts';
import { type DiffItem, type DiffResult, diffVersions } from '../diff/diff-versions.ts';
import { EnvironmentError, UsageError } from '../errors.ts';
import { diffLines } from '../report/diff-lines.ts';
import { type DiffOutcome, diffOutcome } from '../report/diff-outcome.ts';
import { openingLines } from '../report/opening-lines.ts';
import { printSequence } from '../sequence/print.ts';
import type { QemuTarget } from '../target/programs/binary.ts';
import { openRunRoot, type RunRoot } from '../target/run-dir.ts';
import type { Flavour } from '../trace/observation.ts';
import { durationMs } from './duration.ts';
import { exitCodes } from './exit-code.ts';
import { seedOf } from './hunt.ts';
import { onInterrupt } from './interrupt.ts';
import { flavourOption, once, outputOptions, printer, sessionOptions, tool, writeJson } from './options.ts';
import { programsOf } from './programs.ts';
import { ownCorpus } from './scenario/options.ts';
import { writableDir } from './writable-dir.ts';

type Args = {
  specs: string[];
  sequences: number | undefined;
  time: string;
  seed: string | undefined;
  flavour: Flavour | 'both';
  explain: boolean;
  out: string | undefined;
  workers: number;
  json: string | undefined;
  quiet: boolean;
};

export const diffCommand: CommandModule<object, Args> = {
  command: 'diff <specs..>',
  describe: 'run the same sequences on several QEMUs, and say what is not the same',
  builder: (yargs) =>
    outputOptions(sessionOptions(yargs))
      .positional('specs', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'two or more QEMUs, as of --qemu elsewhere; words that end in .json are sequence files',
      })
      .option('sequences', {
        ...({ type: 'number', requiresArg: true, coerce: once<number>('sequences') } as const),
        describe: 'how many sequences are drawn beside those given',
        defaultDescription: '100; 0 where files are given',
      })
      .option('time', { ...text('time', 'begin no sequence after: 90s, 10m, 2h'), default: '10m' })
      .option('seed', text('seed', 'of the drawn sequences; always printed'))
      .option('flavour', { ...flavourOption, default: 'both' as const })
      .option('explain', {
        type: 'boolean',
        default: false,
        describe: 'also list what is folded: meant changes, each with its rule and source',
      })
      .option('out', text('out', 'directory for the smallest sequence of each group'))
      .example('$0 diff 7.2.22 debian:trixie', 'the scenarios and 100 drawn sequences')
      .example('$0 diff 10.0.13 build/ a.json --explain', 'one sequence')
      .epilogue(
        'Exit codes: 0 no unexplained difference; 1 at least one; 2 wrong usage; 3 nothing could be compared; 130 interrupted. What is compared, and what is not: docs/diff.md.',
      ),
  handler: run,
};

async function run(args: Args): Promise<void> {
  const print = printer(args.json);
  const files = args.specs.filter((word) => word.endsWith('.json'));
  const specs = args.specs.filter((word) => !word.endsWith('.json'));
  if (specs.length < 2) throw new UsageError('diff needs two QEMUs or more', 'mirrorfuzz qemu list');
  const drawn = args.sequences ?? (files.length > 0 ? 0 : 100);
  if (!Number.isInteger(drawn) || drawn < 0)
    throw new UsageError('--sequences must be a whole number, 0 or more');
  const budgetMs = durationMs('--time', args.time);
  const seed = seedOf(args.seed);
  const given = files.length > 0 ? readSequences(files) : readScenarios(ownCorpus());
  const programs = await programsOf(specs, args.flavour);
  const targets = specs.length === 0 ? [] : distinctTargets(programs);
  const flavours = (['system', 'daemon'] as const).filter((flavour) =>
    targets.every((target) => target[flavour] && (args.flavour === 'both' || args.flavour === flavour)),
  );
  if (flavours.length === 0) throw new UsageError('these QEMUs have no program in common', '--flavour');
  const out = args.out === undefined ? undefined : writableDir('out', args.out);
  const root = await openRunRoot();
  const items = [
    ...given.flatMap(({ name, sequence }) => flavours.map((flavour) => ({ name, sequence, flavour }))),
    ...(await drawnItems(drawn, { seed, targets, flavours, root })),
  ];
  if (!args.quiet) {
    for (const line of openingLines(programs, { all: false })) print(line);
    const fresh = drawn > 0 ? `, ${drawn} of them drawn by seed ${seed}` : '';
    print(
      `diff: ${targets.map(({ version }) => version).join(', ')}; ${flavours.join(', ')}; ${items.length} sequences${fresh}`,
    );
  }
  const begunMs = performance.now();
  const startedAt = new Date();
  const results: DiffResult[] = [];
  const plan = { targets, items, workers: args.workers, budgetMs, root, tool };
  const diffing = diffVersions(plan, (result) => results.push(result));
  let interrupted = false;
  const release = onInterrupt(
    async () => {
      interrupted = true;
      await diffing.kill();
      finish();
    },
    { SIGINT: 130, SIGTERM: 130, SIGHUP: 130 },
  );
  await diffing.finished;
  if (interrupted) return; // the process ends as soon as that is reported
  release();
  const { verdict } = finish();
  root.remove();
  process.exitCode = {
    alike: exitCodes.nothing,
    different: exitCodes.finding,
    unknown: exitCodes.environment,
  }[verdict];

  function finish(): DiffOutcome {
    const options = { specs, files, sequences: drawn, timeMs: budgetMs, flavours, workers: args.workers };
    const about = { tool, options, targets, seed, startedAt, planned: items.length };
    const elapsedMs = performance.now() - begunMs;
    const outcome = diffOutcome(results, about, { elapsedMs, interrupted });
    for (const line of diffLines(outcome, { explain: args.explain })) print(line);
    if (args.json !== undefined) writeJson(args.json, outcome);
    if (out !== undefined) keepSmallest(out, outcome);
    return outcome;
  }
}

/** Drawn for each flavour, and for each of the QEMUs by turns: what only one of them takes is met, too. */
async function drawnItems(
  count: number,
  on: { seed: string; targets: readonly QemuTarget[]; flavours: readonly Flavour[]; root: RunRoot },
): Promise<DiffItem[]> {
  const { seed, targets, flavours, root } = on;
  const properties = await loadProperties(propertyFiles());
  const items: DiffItem[] = [];
  for (const [at, flavour] of flavours.entries()) {
    const share = Math.floor((count + at) / flavours.length);
    const programs = targets.map((target) => ({ target, flavour }));
    if (share === 0) continue;
    for await (const { sequence } of dryRun({ seed, programs, properties, tool, root }, share))
      items.push({ name: sequence.title, sequence, flavour });
  }
  return items;
}

/** `programsOf` gives each QEMU once for each flavour; a spec may be given twice. */
const distinctTargets = (programs: readonly { target: QemuTarget }[]): QemuTarget[] => [
  ...new Set(programs.map(({ target }) => target)),
];

/** `1.json`, `2.json`: as the groups are numbered. */
function keepSmallest(dir: string, { groups }: DiffOutcome): void {
  try {
    mkdirSync(dir, { recursive: true });
    for (const [at, { smallest }] of groups.entries())
      writeFileSync(join(dir, `${at + 1}.json`), printSequence(smallest.sequence));
  } catch (error) {
    throw new EnvironmentError(
      `can't write to ${dir}: ${(error as Error).message}`,
      'give --out another directory',
    );
  }
}

function text(name: string, describe: string) {
  return { type: 'string', requiresArg: true, coerce: once<string>(name), describe } as const;
}
