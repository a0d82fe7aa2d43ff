import { createLogUpdate } from 'log-update';
import type { GateEvent } from '../../gate/gate-event.ts';
import { printableLines } from '../../printable.ts';
import { againLine, gateHeartbeat, itemLines } from '../../report/gate-lines.ts';
import type { GateItem } from '../../report/gate-outcome.ts';
import type { GateState } from '../../report/gate-tally.ts';

/** Shows a gate while it runs: one line that changes on a terminal, else one every few seconds; each failure as it comes. */
export function gateProgress(view: {
  print(text: string): void;
  state(): GateState;
  nowMs(): number;
  budgetMs: number;
  toStderr: boolean;
  quiet: boolean;
  verbose: boolean;
  color: boolean;
}): { hear(event: GateEvent, item: GateItem | undefined): void; end(): void } {
  const stream = view.toStderr ? process.stderr : process.stdout;
  const live = stream.isTTY && !view.quiet ? createLogUpdate(stream) : undefined;
  const color = view.color && stream.isTTY;
  const causes = new Set<string>();
  const timer = setInterval(beat, live ? liveMs : heartbeatMs);
  timer.unref();

  return {
    hear(event, item) {
      if (event.kind === 'phase' && !view.quiet && !live) beat();
      if (item === undefined) return;
      const lines = linesOf(item);
      if (lines.length === 0) return;
      live?.clear();
      for (const line of lines) view.print(line);
      if (live) beat();
    },
    end() {
      clearInterval(timer);
      live?.clear();
      live?.done();
    },
  };

  /** What fails by a cause that was told already is one more line. */
  function linesOf(item: GateItem): string[] {
    if (item.verdict === 'fail' && item.finding !== null) {
      if (causes.has(item.finding)) return [againLine(item)];
      causes.add(item.finding);
    }
    return itemLines(item, { color, all: view.verbose });
  }

  function beat(): void {
    const line = gateHeartbeat(view.state(), view.nowMs(), view.budgetMs);
    if (live) live(printableLines(line));
    else if (!view.quiet) view.print(line);
  }
}

const liveMs = 250;
/** A log is to show that something goes on, not how. */
const heartbeatMs = 15_000;
