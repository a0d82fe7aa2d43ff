import seedrandom from 'seedrandom';
import { parseSequence } from '../../src/sequence/parse.ts';
import { printSequence } from '../../src/sequence/print.ts';
import type { Sequence } from '../../src/sequence/sequence.ts';
import type { Step } from '../../src/sequence/step.ts';
import type { TryOut } from '../../src/shrink/try-out.ts';

export const wanted = 'the defect that is sought';

type Fake = {
  breaks(sequence: Sequence): boolean;
  /** How often it shows in a sequence that has it. */
  rate?: number | ((sequence: Sequence) => number);
  /** Another defect, which always shows where it is. */
  alsoBreaks?(sequence: Sequence): boolean;
  seed?: string;
};

/** Runs without a QEMU. What is run must be a sequence that a file could hold. */
export function fakeRuns({ breaks, rate = 1, alsoBreaks = () => false, seed = '1' }: Fake) {
  const random = seedrandom(seed);
  const runs: Sequence[] = [];
  const tryOut: TryOut = async (candidate) => {
    parseSequence(printSequence(candidate), 'candidate');
    runs.push(candidate);
    const chance = typeof rate === 'number' ? rate : rate(candidate);
    const shows = breaks(candidate) && random() < chance;
    return { signatures: [...(shows ? [wanted] : []), ...(alsoBreaks(candidate) ? ['another defect'] : [])] };
  };
  return { tryOut, runs, plan: { signature: wanted, tryOut, budget: generous } };
}

const generous = { executions: 100_000, deadlineMs: 60_000 };

export const command = (qmp: string, args?: Extract<Step, { qmp: string }>['args']): Step =>
  args === undefined ? { qmp } : { qmp, args };

export const sequenceOf = (steps: Step[], rest: Partial<Sequence> = {}): Sequence => ({
  schema: 1,
  title: 'it breaks',
  arena: { disks: [] },
  steps,
  ...rest,
});

export const named = ({ steps }: Sequence): string[] =>
  steps.flatMap((step) => ('qmp' in step ? [step.qmp] : []));

/** Whether the names stand in the list in this order, whatever stands between them. */
export function inOrder(names: readonly string[], list: readonly string[]): boolean {
  let next = 0;
  for (const name of list) if (name === names[next]) next++;
  return next === names.length;
}
