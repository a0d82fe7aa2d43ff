import { rmSync } from 'node:fs';
import type { CommandModule } from 'yargs';
import { type CorpusEntry, minimalCorpus } from '../../campaign/feedback/minimal-corpus.ts';
import { featuresOf } from '../../campaign/feedback/novelty.ts';
import { runAll } from '../../campaign/run-all.ts';
import { openRunRoot } from '../../target/run-dir.ts';
import type { Flavour } from '../../trace/observation.ts';
import { onInterrupt } from '../interrupt.ts';
import { drivingOptions, printer, tool, writeJson } from '../options.ts';
import { programsOf } from '../programs.ts';
import { corpusFiles, corpusOption, jsonOption } from './option.ts';

type Args = {
  corpus: string;
  qemu: string[] | undefined;
  flavour: Flavour | 'both';
  workers: number;
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
  const programs = await programsOf(args.qemu, args.flavour);
  const root = await openRunRoot();
  process.once('exit', root.remove);
  const features = new Map<string, Set<string>>();
  const all = runAll({ sequences, programs, workers: args.workers, root, tool }, (item) => {
    const shown = features.get(item.named.file) ?? new Set<string>();
    for (const feature of featuresOf(item.trace, item.verdicts))
      shown.add(`${item.target.version} ${feature}`);
    features.set(item.named.file, shown);
  });
  const release = onInterrupt(() => all.kill());
  await all.finished.finally(root.remove);
  release();

  // What people wrote comes first: of two that show the same, the other one is spare.
  const isKept = ({ name }: { name: string }): boolean => name.startsWith('hunt/');
  const inOrder = [...sequences.filter((each) => !isKept(each)), ...sequences.filter(isKept)];
  const shown = inOrder.map(
    ({ file, sequence }): CorpusEntry => ({
      file,
      steps: sequence.steps.length,
      features: features.get(file) ?? new Set(),
    }),
  );
  const { kept, spare } = minimalCorpus(shown);
  const byHunts = new Set(sequences.filter(isKept).map(({ file }) => file));
  const removable = spare.map(({ file }) => file).filter((file) => byHunts.has(file));
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
