import type { Bar, Lane, LaneKind, Moment, Timeline, TraceLine } from '../../page/model.ts';
import { printable } from '../../printable.ts';
import { renderStep } from '../../sequence/render.ts';
import type { Trace } from '../../trace/observation.ts';
import { observationText } from '../../trace/observation-text.ts';
import { openBars } from './bars.ts';

/** A trace as lanes of bars: steps, commands, each job, events, each guest request, faults, QEMU itself. */
export function timelineOf(trace: Trace, moments: readonly Omit<Moment, 'us'>[] = []): Timeline {
  const endUs = lastUs(trace);
  const bars = openBars(trace, endUs);
  return {
    endUs,
    phases: trace.flatMap((seen) => (seen.kind === 'phase' ? [{ name: seen.phase, fromUs: seen.us }] : [])),
    lanes: laneOrder.flatMap((of) =>
      [...bars.entries()]
        .filter(([, lane]) => lane.of === of)
        .map(([name, lane]) => withRows(name, of, lane.bars)),
    ),
    lines: linesOf(trace),
    moments: moments.map((moment) => ({ ...moment, us: trace[moment.line]?.us ?? endUs })),
  };
}

const laneOrder: readonly LaneKind[] = ['steps', 'monitor', 'job', 'events', 'guest', 'faults', 'qemu'];

function lastUs(trace: Trace): number {
  let last = 0;
  for (const { us } of trace) last = Math.max(last, us);
  return last;
}

/** What overlaps stands in rows of its own, as few as do; beyond the last row things overlap. */
function withRows(name: string, of: LaneKind, bars: readonly Omit<Bar, 'row'>[]): Lane {
  const freeFromUs: number[] = [];
  const placed = [...bars]
    .sort((a, b) => a.fromUs - b.fromUs)
    .map((bar): Bar => {
      const free = freeFromUs.findIndex((us) => us <= bar.fromUs);
      const row = free !== -1 ? free : Math.min(freeFromUs.length, rowsMax - 1);
      freeFromUs[row] = Math.max(freeFromUs[row] ?? 0, bar.toUs);
      return { ...bar, row };
    });
  return { name, of, rows: Math.max(1, freeFromUs.length), bars: placed };
}

/** More rows in a lane than this leave no room for the other lanes. */
const rowsMax = 8;

function linesOf(trace: Trace): TraceLine[] {
  const [opened] = trace;
  const steps = opened?.kind === 'opened' ? opened.sequence.steps : [];
  return trace.map((seen) => {
    const step = seen.kind === 'step' ? steps[seen.step] : undefined;
    const text =
      step && seen.kind === 'step' ? `${seen.step + 1}. ${renderStep(step)}` : observationText(seen);
    return {
      us: seen.us,
      ...('step' in seen && typeof seen.step === 'number' ? { step: seen.step } : {}),
      text: printable(text ?? (seen.kind === 'phase' ? `-- ${seen.phase}` : seen.kind)),
      raw: printable(JSON.stringify(seen)),
    };
  });
}
