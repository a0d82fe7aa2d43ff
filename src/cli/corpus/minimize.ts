import { rmSync } from 'node:fs';
import type { CommandModule } from 'yargs';
import { type CorpusEntry, minimalCorpus } from '../../campaign/feedback/minimal-corpus.ts';
import { featuresOf } from '../../campaign/feedback/novelty.ts';
import { runAll } from '../../campaign/run-all.ts';
import { openRunRoot } from '../../target/run-dir.ts';
import type { Flavour } from '../../trace/observation.ts';
import { complain } from '../complain.ts';
import { onInterrupt } from '../interrupt.ts';
import { drivingOptions, once, printer, tool, writeJson } from '../options.ts';
import { programsOf } from '../programs.ts';
import { corpusFiles, corpusOption, jsonOption } from './option.ts';

type Args = {
  corpus: string;
  qemu: string[] | undefined;
  flavour: Flavour | 'both';
  workers: number;
  queue: string | undefined;
  remove: boolean;
  json: string | undefined;
};

export const minimizeCorpus: CommandModule<object, Args> = {
  command: 'minimize',
  describe: 'run the corpus and list the sequences that hunts kept and that reach nothing new',
  builder: (yargs) =>
    drivingOptions(yargs)
      .option('corpus', corpusOption)
      .option('json', jsonOption)
      .option('queue', {
        type: 'string',
        requiresArg: true,
        coerce: once<string>('queue'),
        describe: 'the workers of a lab run it (mirrorfuzz worker): redis://HOST, rediss://, unix://',
      })
      .option('remove', {
        type: 'boolean',
        default: false,
        describe: 'remove those files; what people wrote always stays',
      })
      .example('$0 corpus minimize', 'only list them')
      .example('$0 corpus minimize --remove --qemu debian:sid', 'as that QEMU sees it'),
  handler: run,
};

async function run(args: Args): Promise<void> {
  const print = printer(args.json);
  const sequences = corpusFiles(args.corpus);
  const reached = await (args.queue === undefined ? reachedHere : reachedInLab)(args, sequences);

  // What people wrote comes first: of two that show the same, the other one is spare.
  const isKept = ({ name }: { name: string }): boolean => name.startsWith('hunt/');
  const inOrder = [...sequences.filter((each) => !isKept(each)), ...sequences.filter(isKept)];
  const shown = inOrder.map(
    ({ file, sequence }): CorpusEntry => ({
      file,
      steps: sequence.steps.length,
      features: reached.get(file)?.features ?? new Set(),
    }),
  );
  const { kept, spare } = minimalCorpus(shown);
  const byHunts = new Set(sequences.filter(isKept).map(({ file }) => file));
  const removable = spare
    .map(({ file }) => file)
    .filter((file) => byHunts.has(file) && reached.get(file)?.isKnown === true);
  for (const file of removable) {
    if (args.remove) rmSync(file);
    print(`${args.remove ? 'removed' : 'spare'}  ${file}`);
  }
  print(
    `${kept.length} of ${sequences.length} sequences show all there is; ${removable.length} kept by hunts are spare`,
  );
  if (args.json !== undefined)
    writeJson(args.json, {
      schema: 1,
      kept: kept.map(({ file }) => file),
      spare: removable,
      removed: args.remove,
    });
}

type Files = ReturnType<typeof corpusFiles>;
/** `isKnown`: it was run to its end; of the rest nobody can say that it is spare. */
type Reached = Map<string, { features: Set<string>; isKnown: boolean }>;

async function reachedHere(args: Args, sequences: Files): Promise<Reached> {
  const programs = await programsOf(args.qemu, args.flavour);
  const root = await openRunRoot();
  const reached: Reached = new Map();
  const all = runAll({ sequences, programs, workers: args.workers, root, tool }, (item) => {
    const { file } = item.named;
    const of = reached.get(file) ?? { features: new Set(), isKnown: false };
    for (const feature of featuresOf(item.trace, item.verdicts))
      of.features.add(`${item.target.version} ${feature}`);
    if (item.verdict === 'pass' || item.verdict === 'fail') of.isKnown = true;
    reached.set(file, of);
  });
  const release = onInterrupt(() => all.kill());
  await all.finished.finally(root.remove);
  release();
  return reached;
}

/** Loaded where there is a queue, and nowhere else. */
async function reachedInLab(args: Args, files: Files): Promise<Reached> {
  const { openConnection } = await import('../../lab/connection.ts');
  const { parseQueueUrl } = await import('../../lab/queue-url.ts');
  const lab = await import('../../lab/prune.ts');
  const connection = await openConnection(parseQueueUrl(args.queue as string));
  try {
    const sequences = files.map(({ sequence }) => sequence);
    const reached = await lab.reachedInLab(connection, {
      ...{ sequences, wanted: args.qemu, flavour: args.flavour, tool, warn: complain },
    });
    return new Map(files.map(({ file }, i) => [file, reached[i] as (typeof reached)[number]]));
  } finally {
    connection.close();
  }
}
