import { hostname } from 'node:os';
import type { CampaignEvent } from '../../campaign/campaign-event.ts';
import type { HuntPlan } from '../../campaign/hunt-plan.ts';
import type { Ran } from '../../campaign/worker/worker-messages.ts';
import { decidedIn, type HuntState } from '../hunt-tally.ts';
import { openHistory } from './history.ts';
import type { HuntStatus } from './hunt-status.ts';

export type StatusTally = {
  hear(event: CampaignEvent): void;
  status(state: HuntStatus['state']): HuntStatus;
};

/** What of a hunt its status file shows and its summary does not: what each worker does, and figures by program. */
export function openStatusTally(
  { programs, budget, seed, tool, workers }: HuntPlan,
  { nowMs, startedAt, state }: { nowMs(): number; startedAt: Date; state(): HuntState },
): StatusTally {
  const history = openHistory(historyPointsMax, historyStepMs);
  const lanes = Array.from({ length: workers }, () => ({ doing: 'starting', sinceMs: 0, sequences: 0 }));
  const ofPrograms = programs.map(({ target, flavour }) => ({
    ...{ label: target.label, version: target.version, flavour },
    ...{ sequences: 0, undecided: 0, features: 0, triples: {} as Record<string, number> },
  }));

  return { hear, status };

  function hear(event: CampaignEvent): void {
    switch (event.kind) {
      case 'ran':
        ran(event);
        return;
      case 'confirmed':
        ruled(event.ran);
        return;
      case 'shrinking':
        does(event.worker, `shrinking ${event.discovery.id}`);
        return;
      case 'worker-lost':
        does(event.worker, 'starting again');
        return;
      default:
        return;
    }
  }

  function ran({ worker, ran, news }: Extract<CampaignEvent, { kind: 'ran' }>): void {
    const program = ofPrograms[ran.program];
    if (!program) return;
    const lane = does(worker, `hunting ${ran.property} on ${program.version}`);
    if (lane) lane.sequences++;
    program.sequences++;
    program.features += news.length;
    if (!ran.suspect) ruled(ran);
    const { triples } = ran.coverage;
    for (const triple in triples)
      program.triples[triple] = (program.triples[triple] ?? 0) + (triples[triple] as number);
  }

  function ruled({ program, reason, violations }: Ran): void {
    const on = ofPrograms[program];
    if (on && reason !== undefined && violations.length === 0) on.undecided++;
  }

  /** Since when counts from the first time that it is said. */
  function does(worker: number, doing: string): (typeof lanes)[number] | undefined {
    const lane = lanes[worker];
    if (lane && lane.doing !== doing) Object.assign(lane, { doing, sinceMs: nowMs() });
    return lane;
  }

  function status(is: HuntStatus['state']): HuntStatus {
    const seen = state();
    const elapsedMs = Math.round(nowMs());
    const { sequences, commands, features, discoveries, restarts, workersLost, warnings } = seen;
    const known = discoveries.filter((each) => each.known).length;
    const lastNewMs = Math.round(seen.lastNewMs);
    history.add({ atMs: elapsedMs, sequences, features, findings: discoveries.length });
    return {
      ...{ schema: 1, tool, host: hostname(), pid: process.pid, startedAt: startedAt.toISOString() },
      ...{ writtenAt: new Date().toISOString(), state: is, seed, elapsedMs, budget },
      ...{ sequences, commands, undecided: sequences - decidedIn(seen).sequences, features, lastNewMs },
      findings: {
        ...{ fresh: discoveries.length - known, known },
        toShrink: discoveries.filter(({ shrunk }) => shrunk === 'queued' || shrunk === 'running').length,
      },
      restarts,
      lost: workersLost.length,
      workersLost: workersLost
        .slice(-linesMax)
        .map(({ atMs, how, doing }) => ({ atMs, how: brief(how), doing: brief(doing) })),
      warnings: warnings.slice(-linesMax).map(brief),
      history: [...history.points()],
      workers: lanes.map(({ doing, sinceMs, sequences }) => ({
        ...{ doing, sequences, forMs: Math.max(0, elapsedMs - Math.round(sinceMs)) },
      })),
      programs: ofPrograms,
    };
  }
}

/** Of a curve as wide as a screen: more would not be seen. It costs 60 bytes a point, each time that the file is written. */
const historyPointsMax = 240;
const historyStepMs = 1000;
const linesMax = 20;

const brief = (line: string): string => line.slice(0, 500);
