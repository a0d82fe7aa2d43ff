import type { Timeline } from '../../page/model.ts';
import type { Trace } from '../../trace/observation.ts';

/**
 * Timelines of the same sequence on one scale, each step of theirs beginning at the same place: what took longer in one
 * leaves a gap in the others, and nothing is stretched. The lines keep the times of their traces.
 */
export function aligned(runs: readonly { trace: Trace; timeline: Timeline }[]): Timeline[] {
  const marks = runs.map(({ trace }) => marksOf(trace));
  const [first] = marks;
  if (!first) return [];
  const keys = [...first.keys()].filter((key) => marks.every((each) => each.has(key)));
  const starts = marks.map((each) => [0, ...keys.map((key) => each.get(key) as number)]);
  const places = [0];
  for (let k = 1; k <= keys.length; k++) {
    const longest = Math.max(...starts.map((own) => (own[k] as number) - (own[k - 1] as number)));
    places.push((places[k - 1] as number) + longest);
  }
  const moves = starts.map((own) => (us: number): number => {
    const k = Math.max(
      0,
      own.findLastIndex((start) => start <= us),
    );
    return us + (places[k] as number) - (own[k] as number);
  });
  const moved = runs.map(({ timeline }, i) => movedBy(timeline, moves[i] as (us: number) => number));
  const endUs = Math.max(...moved.map((each) => each.endUs));
  return moved.map((each) => ({ ...each, endUs }));
}

/** When each phase and each step began. */
function marksOf(trace: Trace): Map<string, number> {
  const marks = new Map<string, number>();
  for (const seen of trace) {
    const key =
      seen.kind === 'step' ? `step ${seen.step}` : seen.kind === 'phase' ? `phase ${seen.phase}` : undefined;
    if (key !== undefined && !marks.has(key)) marks.set(key, seen.us);
  }
  return marks;
}

const movedBy = (timeline: Timeline, move: (us: number) => number): Timeline => ({
  ...timeline,
  endUs: move(timeline.endUs),
  phases: timeline.phases.map((phase) => ({ ...phase, fromUs: move(phase.fromUs) })),
  moments: timeline.moments.map((moment) => ({ ...moment, us: move(moment.us) })),
  lanes: timeline.lanes.map((lane) => ({
    ...lane,
    bars: lane.bars.map((bar) => ({
      ...bar,
      fromUs: move(bar.fromUs),
      toUs: move(bar.toUs),
      ...(bar.hiddenFromUs === undefined ? {} : { hiddenFromUs: move(bar.hiddenFromUs) }),
    })),
  })),
});
