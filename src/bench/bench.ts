import type { QemuTarget } from '../target/programs/binary.ts';
import type { RunRoot } from '../target/run-dir.ts';
import type { Flavour } from '../trace/observation.ts';
import { hunting } from './hunting.ts';
import { integrity } from './integrity.ts';
import { judging } from './judging.ts';
import { throughput } from './lifecycle.ts';
import type { Figure } from './measure.ts';
import { memory } from './memory.ts';
import { page } from './page.ts';
import { sessionStart } from './session-start.ts';
import { storageCells } from './storage.ts';

export type BenchProgram = {
  target: QemuTarget;
  flavour: Flavour;
  root: RunRoot;
  tool: { name: string; version: string };
  /** As the table names it: "7.2.22 daemon". */
  name: string;
};

/** How much of everything: the figures of a release take `full`. */
export const efforts = {
  quick: { starts: 5, rounds: 9, goes: 20, sequences: 1_000, readings: 5, hunts: 1, cellTries: 10, tabs: 3 },
  full: {
    starts: 21,
    rounds: 25,
    goes: 40,
    sequences: 10_000,
    readings: 15,
    hunts: 5,
    cellTries: 200,
    tabs: 9,
  },
} as const;

type Effort = (typeof efforts)[keyof typeof efforts];

/** Memory comes before the other figures have filled the heap. */
const sections = {
  start: async function* (program: BenchProgram, { starts }: Effort) {
    yield await sessionStart(program, starts);
  },
  memory: async function* (program: BenchProgram, { sequences }: Effort) {
    yield* await memory(program, sequences);
  },
  throughput: async function* (program: BenchProgram, { rounds, goes }: Effort) {
    yield* await throughput(program, rounds, goes);
  },
  judging: async function* (program: BenchProgram, { goes }: Effort) {
    yield* await judging(program, goes);
  },
  integrity: (program: BenchProgram, { readings }: Effort) => integrity(program, readings),
  storage: (program: BenchProgram, { cellTries }: Effort) => storageCells(program, cellTries),
  hunting: (program: BenchProgram, { hunts }: Effort) =>
    hunting(program, { rounds: hunts, rateMs: 20_000, yieldMs: 40_000, feedbackMs: 60_000 }),
} satisfies Record<string, (program: BenchProgram, effort: Effort) => AsyncIterable<Figure>>;

export type Section = keyof typeof sections | 'page';
export const sectionNames: Section[] = [...(Object.keys(sections) as (keyof typeof sections)[]), 'page'];
/**
 * Hunts and faults of storage take minutes, and the page wants a browser, so they are benchmarked only where that is
 * asked for.
 */
export const usualSections = sectionNames.filter(
  (name) => name !== 'hunting' && name !== 'storage' && name !== 'page',
);

/** The project's own benchmark: each figure next to the same work done otherwise in the same run. The page needs no QEMU. */
export async function* bench(
  programs: readonly BenchProgram[],
  effort: keyof typeof efforts,
  wanted: readonly Section[],
): AsyncGenerator<Figure> {
  for (const program of programs)
    for (const name of sectionNames)
      if (name !== 'page' && wanted.includes(name)) yield* sections[name](program, efforts[effort]);
  if (wanted.includes('page')) yield* page(efforts[effort].tabs);
}
