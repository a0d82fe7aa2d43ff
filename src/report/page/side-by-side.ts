import { type PlacedAspect, placedAspects } from '../../diff/aspects.ts';
import { compare, type Difference } from '../../diff/compare.ts';
import type { Detail, Moment } from '../../page/model.ts';
import { printable } from '../../printable.ts';
import type { Trace } from '../../trace/observation.ts';
import { aligned } from './aligned.ts';
import { timelineOf } from './timeline.ts';

/** Runs of one sequence beside each other: their timelines aligned, and what differs marked in each. */
export function sideBySide(runs: readonly { on: string; trace: Trace }[]): Detail {
  const placed = runs.map(({ trace }) => placedAspects(trace));
  const { differences, afterwards } = compare(
    placed.map((each) => ({ runs: [[...each.values()].map(({ aspect }) => aspect)] })),
  );
  const timelines = runs.map(({ trace }, i) => ({
    trace,
    timeline: timelineOf(trace, momentsOf(differences, i, placed[i] as Map<string, PlacedAspect>)),
  }));
  return {
    seen: [],
    before: [],
    done: [],
    stacks: [],
    texts: [],
    notes: [
      ...(differences.length === 0
        ? ['These two runs do not differ in what is compared: it shows in others of the same sequence.']
        : []),
      ...(afterwards > 0
        ? [
            `${afterwards} more may follow from the first difference, and ${afterwards === 1 ? 'is' : 'are'} not marked.`,
          ]
        : []),
    ],
    sideBySide: {
      runs: aligned(timelines).map((timeline, i) => ({ on: printable(runs[i]?.on ?? ''), timeline })),
      differences: differences.map(({ subject, what, step, values }) => ({
        subject: printable(subject),
        what,
        ...(step >= 0 && Number.isFinite(step) ? { step: step + 1 } : {}),
        values: values.map(printable),
      })),
    },
  };
}

/** Where a run shows what the others show otherwise; what it does not show at all has no place in it. */
function momentsOf(
  differences: readonly Difference[],
  run: number,
  placed: ReadonlyMap<string, PlacedAspect>,
): Omit<Moment, 'us'>[] {
  return differences.flatMap(({ key, subject, values }) => {
    const at = placed.get(key)?.at;
    const words = printable(values[run] ?? '');
    return at === undefined ? [] : [{ line: at, rule: printable(subject), words, is: 'difference' as const }];
  });
}
