import type { QemuTarget } from '../target/binary.ts';
import type { RunRoot } from '../target/run-dir.ts';
import type { Flavour } from '../trace/observation.ts';
import { integrity } from './integrity.ts';
import { judging } from './judging.ts';
import { throughput } from './lifecycle.ts';
import type { Figure } from './measure.ts';
import { memory } from './memory.ts';
import { sessionStart } from './session-start.ts';

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
  quick: { starts: 5, rounds: 9, goes: 20, sequences: 1_000, readings: 5 },
  full: { starts: 21, rounds: 25, goes: 40, sequences: 10_000, readings: 15 },
} as const;

/** The project's own benchmark: each figure next to the same work done by a bare client in the same run. */
export async function* bench(
  programs: readonly BenchProgram[],
  effort: keyof typeof efforts,
): AsyncGenerator<Figure> {
  const { starts, rounds, goes, sequences, readings } = efforts[effort];
  for (const program of programs) {
    yield await sessionStart(program, starts);
    // Before the other figures have filled the heap.
    yield* await memory(program, sequences);
    yield* await throughput(program, rounds, goes);
    yield* await judging(program, goes);
    yield* integrity(program, readings);
  }
}
