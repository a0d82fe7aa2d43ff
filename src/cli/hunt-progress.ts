import { createLogUpdate } from 'log-update';
import type { CampaignEvent } from '../campaign/campaign-event.ts';
import { printableLines } from '../printable.ts';
import { eventLine, heartbeat, liveView, type Rates } from '../report/hunt-lines.ts';
import type { HuntState } from '../report/hunt-tally.ts';

/** Shows a campaign while it runs: a live view on a terminal, else a line a change and one every few seconds. */
export function huntProgress(view: {
  print(text: string): void;
  state(): HuntState;
  nowMs(): number;
  budgetMs: number | undefined;
  json: string | undefined;
  quiet: boolean;
  verbose: boolean;
  color: boolean;
}): { hear(event: CampaignEvent): void; end(): void } {
  const stream = view.json === '-' ? process.stderr : process.stdout;
  const live = stream.isTTY && !view.quiet ? createLogUpdate(stream) : undefined;
  const color = view.color && stream.isTTY;
  const rates = measureRates(view.state);
  const timer = setInterval(beat, live ? liveMs : heartbeatMs);
  timer.unref();

  return {
    hear(event) {
      const text = eventLine(event, view.nowMs(), { color, all: view.verbose });
      if (text === undefined || (view.quiet && event.kind !== 'found')) return;
      live?.clear();
      view.print(text);
      if (live) beat();
    },
    end() {
      clearInterval(timer);
      live?.clear();
      live?.done();
    },
  };

  function beat(): void {
    if (live) live(printableLines(liveView(view.state(), view.nowMs(), rates(view.nowMs()), view.budgetMs)));
    else if (!view.quiet) view.print(heartbeat(view.state(), view.nowMs(), rates(view.nowMs())));
  }
}

const liveMs = 250;
/** A log is to show that something goes on, not how. */
const heartbeatMs = 10_000;
/** Rates are those of the last few seconds. */
const windowMs = 10_000;

function measureRates(state: () => HuntState): (nowMs: number) => Rates {
  const samples = [{ ms: 0, sequences: 0, commands: 0 }];
  return (nowMs) => {
    const { sequences, commands } = state();
    samples.push({ ms: nowMs, sequences, commands });
    while (samples.length > 2 && nowMs - (samples[1]?.ms ?? 0) > windowMs) samples.shift();
    const [first] = samples as [{ ms: number; sequences: number; commands: number }];
    const seconds = Math.max(0.001, (nowMs - first.ms) / 1000);
    return {
      sequences: (sequences - first.sequences) / seconds,
      commands: (commands - first.commands) / seconds,
    };
  };
}
