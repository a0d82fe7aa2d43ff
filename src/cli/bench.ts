import type { CommandModule } from 'yargs';
import {
  type BenchProgram,
  bench,
  type efforts,
  type Section,
  sectionNames,
  usualSections,
} from '../bench/bench.ts';
import type { Figure } from '../bench/measure.ts';
import { shortVersion } from '../campaign/trouble/requirement.ts';
import { openRunRoot } from '../target/run-dir.ts';
import type { Flavour } from '../trace/observation.ts';
import { onInterrupt } from './interrupt.ts';
import { drivingOptions, outputOptions, printer, tool, writeJson } from './options.ts';
import { programsOf } from './programs.ts';

type Args = {
  qemu: string[] | undefined;
  flavour: Flavour | 'both';
  effort: keyof typeof efforts;
  only: Section[] | undefined;
  json: string | undefined;
};

export const benchCommand: CommandModule<object, Args> = {
  command: 'bench',
  describe: "the project's own benchmark, next to a bare client doing the same work",
  builder: (yargs) =>
    outputOptions(drivingOptions(yargs))
      .option('effort', {
        choices: ['quick', 'full'] as const,
        default: 'full' as const,
        describe: 'how much of everything',
      })
      .option('only', {
        choices: sectionNames,
        array: true,
        nargs: 1,
        requiresArg: true,
        defaultDescription: usualSections.join(', '),
        describe: 'what is measured; hunting takes minutes, page wants chromium and a clone',
      })
      .example('$0 bench --effort quick --flavour daemon', 'a first look')
      .example('$0 bench --only hunting', 'how fast and how broadly the hunt finds, next to a naive script')
      .example('$0 bench --only page', 'what `report --html` takes in a browser; needs no QEMU')
      .example('$0 bench --qemu debian:bullseye --qemu debian:sid', 'two versions'),
  handler: run,
};

async function run(args: Args): Promise<void> {
  const print = printer(args.json);
  const wanted = args.only ?? usualSections;
  const programs = wanted.every((name) => name === 'page') ? [] : await programsOf(args.qemu, args.flavour);
  const root = await openRunRoot();
  const figures: Figure[] = [];
  const release = onInterrupt(async () => root.remove());
  try {
    const named = programs.map(
      (program): BenchProgram => ({
        ...program,
        root,
        tool,
        name: `${shortVersion(program.target.version)} ${program.flavour}`,
      }),
    );
    print(
      `${'figure'.padEnd(30)} ${'on'.padEnd(14)} ${'mirrorfuzz'.padStart(12)} ${'bare'.padStart(12)} ${'ratio'.padStart(7)}  wanted`,
    );
    for await (const figure of bench(named, args.effort, wanted)) {
      figures.push(figure);
      print(row(figure));
    }
  } finally {
    release();
    root.remove();
  }
  if (args.json !== undefined) writeJson(args.json, { schema: 1, tool, effort: args.effort, figures });
}

function row({ what, on, unit, ours, bare, ratio, detail, wanted }: Figure): string {
  const number = (value: number): string =>
    `${value >= 100 ? value.toFixed(0) : value.toFixed(1)} ${unit}`.trim().padStart(12);
  const paired = (ratio?.toFixed(2) ?? '').padStart(7);
  const verdict = wanted ? `${wanted.text}: ${wanted.met ? 'met' : 'MISSED'}` : (detail ?? '');
  return `${what.padEnd(30)} ${on.padEnd(14)} ${number(ours)} ${bare === undefined ? ''.padStart(12) : number(bare)} ${paired}  ${verdict}`.trimEnd();
}
