import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { CampaignEvent } from '../campaign/campaign-event.ts';
import { addCoverage, noCoverage } from '../campaign/feedback/coverage.ts';
import { hunt } from '../campaign/hunt.ts';
import type { HuntPlan } from '../campaign/hunt-plan.ts';
import { loadProperties, propertyFiles } from '../campaign/properties.ts';
import type { BenchProgram } from './bench.ts';
import { type Figure, median } from './measure.ts';
import { naiveScript } from './naive-script.ts';
import { sameSequences } from './same-sequences.ts';

/** How long each hunt of the benchmark takes, and how many there are of each. */
export type HuntingEffort = { rounds: number; rateMs: number; yieldMs: number; feedbackMs: number };

/**
 * What a hunt does in a given time, and next to it, in the same run, what else could have been done: one worker instead
 * of two, no feedback, a naive random script.
 */
export async function* hunting(program: BenchProgram, effort: HuntingEffort): AsyncGenerator<Figure> {
  const files = propertyFiles();
  const properties = await loadProperties(files);
  const names = properties.map(({ name }) => name);
  // Rates are those of the monitor's traffic: no guest writes, and nobody reads what images hold.
  const quick = properties
    .filter(({ readsImages, steps }) => !readsImages && !('guest' in steps.weights))
    .map(({ name }) => name);
  const { rounds, rateMs, yieldMs, feedbackMs } = effort;
  const repeated = async <T>(once: (seed: string) => Promise<T>): Promise<T[]> => {
    const results: T[] = [];
    for (let round = 0; round < rounds; round++) results.push(await once(`${round + 1}`));
    return results;
  };
  const on = program.name;

  const rates = await repeated((seed) => huntFor(rateMs, { seed, properties: quick, workers: 2 }));
  yield atLeast(
    'judged sequences',
    '/s',
    median(rates.map(({ sequences }) => (sequences * 1000) / rateMs)),
    60,
  );
  yield atLeast(
    'judged commands',
    '/s',
    median(rates.map(({ commands }) => (commands * 1000) / rateMs)),
    1500,
  );
  yield await sameSequences(program, 60, 2 * rounds + 1);
  const alone = await repeated((seed) => huntFor(rateMs, { seed, properties: quick, workers: 1 }));
  const second = median(rates.map((two, i) => perSecond(two, 2) / perSecond(alone[i] ?? two, 1))) - 1;
  yield atLeast('second worker adds', '', second, 0.7);

  const found = await repeated((seed) => huntFor(yieldMs, { seed, shrink: true }));
  const naive = await repeated((seed) => naiveScript(program, seed, yieldMs));
  const signatures = median(found.map(({ crashes }) => crashes));
  const words = median(naive.map(({ words }) => words.size));
  yield {
    what: `crashes in ${yieldMs / 1000} s (naive)`,
    on,
    unit: '',
    ours: signatures,
    bare: words,
    wanted: { text: '>= the naive script', met: signatures >= words },
  };

  const fed = await repeated((seed) => huntFor(feedbackMs, { seed }));
  const blind = await repeated((seed) => huntFor(feedbackMs, { seed, feedback: false }));
  const [withIt, without] = [
    median(fed.map(({ triples }) => triples)),
    median(blind.map(({ triples }) => triples)),
  ];
  yield {
    what: 'triples (feedback off)',
    on,
    unit: '',
    ours: withIt,
    bare: without,
    ratio: withIt / without,
    wanted: { text: '>= 1.3', met: withIt >= 1.3 * without },
  };

  /** One hang stands for a quarter of a round, in whichever of two rounds it falls: it is left out of both. */
  function perSecond({ sequences, stood }: Awaited<ReturnType<typeof huntFor>>, workers: number): number {
    return (1000 * workers * (sequences - stood.sequences)) / (workers * rateMs - stood.ms);
  }

  function atLeast(what: string, unit: Figure['unit'], ours: number, least: number): Figure {
    return { what, on, unit, ours, wanted: { text: `>= ${least}`, met: ours >= least } };
  }

  async function huntFor(timeMs: number, how: Partial<HuntPlan>) {
    const findingsDir = join(program.root.path, 'bench-findings');
    mkdirSync(findingsDir, { recursive: true });
    const seen = { sequences: 0, commands: 0, crashes: 0, stood: { sequences: 0, ms: 0 } };
    const coverage = noCoverage();
    const hear = (event: CampaignEvent): void => {
      if (event.kind === 'found' && event.discovery.rule.kind === 'crash') seen.crashes++;
      if (event.kind !== 'ran') return;
      seen.sequences++;
      seen.commands += event.ran.commands;
      if (event.ran.elapsedMs > hangsMs) {
        seen.stood.sequences++;
        seen.stood.ms += event.ran.elapsedMs;
      }
      addCoverage(coverage, event.ran.coverage);
    };
    const { finished } = hunt(
      {
        programs: [program],
        workers: 2,
        seed: '1',
        properties: names,
        propertyFiles: files,
        budget: { timeMs },
        shrink: false,
        mask: true,
        feedback: true,
        findingsDir,
        seeds: [],
        tool: program.tool,
        ...how,
      },
      hear,
    );
    await finished;
    rmSync(findingsDir, { recursive: true, force: true });
    return { ...seen, triples: Object.keys(coverage.triples).length };
  }
}

/** What takes that long waits for the deadline of a command or of settling. */
const hangsMs = 4_000;
