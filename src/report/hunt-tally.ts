import type { CampaignEvent } from '../campaign/campaign-event.ts';
import { addCoverage, type Coverage, noCoverage } from '../campaign/coverage.ts';
import { bySeriousness, type Discovery } from '../campaign/discoveries.ts';
import type { ProgramPlan } from '../campaign/worker-messages.ts';

/** The figures of a campaign, from its events: nothing in it grows with the number of sequences. */
export type HuntTally = {
  hear(event: CampaignEvent): void;
  state(): HuntState;
};

export type HuntState = {
  programs: readonly ProgramPlan[];
  seed: string;
  sequences: number;
  commands: number;
  guestWrites: number;
  faultsInjected: number;
  masked: number;
  /** Sequences without a verdict, by reason. */
  undecided: Record<string, number>;
  coverage: Coverage;
  features: number;
  interesting: number;
  /** Milliseconds into the campaign when something new was last seen. */
  lastNewMs: number;
  discoveries: Discovery[];
  /** What each worker is doing. */
  trying: string[];
  restarts: number;
  workersLost: number;
};

export function openHuntTally(nowMs: () => number): HuntTally {
  const seen: HuntState = {
    programs: [],
    seed: '',
    sequences: 0,
    commands: 0,
    guestWrites: 0,
    faultsInjected: 0,
    masked: 0,
    undecided: {},
    coverage: noCoverage(),
    features: 0,
    interesting: 0,
    lastNewMs: 0,
    discoveries: [],
    trying: [],
    restarts: 0,
    workersLost: 0,
  };
  const sessions: number[] = [];

  return { hear, state };

  /** What turned out to be told by another finding is counted there. */
  function state(): HuntState {
    const discoveries = seen.discoveries.filter(({ shrunk }) => shrunk !== 'joined');
    return { ...seen, discoveries };
  }

  function hear(event: CampaignEvent): void {
    switch (event.kind) {
      case 'began':
        Object.assign(seen, { programs: event.programs, seed: event.seed });
        return;
      case 'ran':
        ran(event);
        return;
      case 'found':
        seen.discoveries = [...seen.discoveries, event.discovery].sort(bySeriousness);
        return;
      case 'shrinking':
        seen.trying[event.worker] = `shrinking ${event.discovery.id}`;
        return;
      case 'shrunk':
        return;
      case 'worker-lost':
        seen.workersLost++;
        return;
    }
  }

  function ran({ worker, ran, news, features, interesting }: Extract<CampaignEvent, { kind: 'ran' }>): void {
    seen.trying[worker] = ran.property;
    if (ran.reason !== undefined) seen.undecided[ran.reason] = (seen.undecided[ran.reason] ?? 0) + 1;
    seen.sequences++;
    seen.commands += ran.commands;
    seen.guestWrites += ran.guestWrites;
    seen.faultsInjected += ran.faultsInjected;
    seen.masked += ran.masked;
    addCoverage(seen.coverage, ran.coverage);
    Object.assign(seen, { features, interesting });
    if (news.length > 0) seen.lastNewMs = nowMs();
    sessions[worker] = ran.sessionsStarted;
    seen.restarts = Math.max(0, sessions.reduce((sum, each) => sum + (each ?? 0), 0) - sessions.length);
  }
}
