import type { CampaignEvent, Machine } from '../campaign/campaign-event.ts';
import { byWeight, type Discovery } from '../campaign/discoveries/discovery.ts';
import { isEdge } from '../campaign/feedback/novelty.ts';
import {
  addJudged,
  addRan,
  addRuns,
  addUndecided,
  noRuns,
  type RunsSum,
} from '../campaign/feedback/runs-sum.ts';
import type { SwitchedOff } from '../campaign/trouble/troubles.ts';
import type { ProgramPlan, Ran } from '../campaign/worker/worker-messages.ts';
import { type Decided, decidedOf } from './decided.ts';
import { openHistory } from './live/history.ts';
import type { HistoryPoint } from './live/hunt-status.ts';
import { openRulesTally, type RulesJudged } from './rules-tally.ts';

/** The figures of a campaign, from its events: nothing in it grows with the number of sequences. */
export type HuntTally = {
  hear(event: CampaignEvent): void;
  state(): HuntState;
};

export type HuntState = Omit<RunsSum, 'traces' | 'inFull' | 'rules'> & {
  programs: readonly ProgramPlan[];
  seed: string;
  /** Those that hang to an impatient look, and wait for a patient one. */
  suspects: number;
  /** What failed again and again, and was used no more; at which millisecond. */
  switchedOff: (SwitchedOff & { atMs: number })[];
  /** What ran on each version. */
  byVersion: Record<string, Pick<RunsSum, 'coverage' | 'rules'>>;
  /** How far it was when. */
  history: readonly HistoryPoint[];
  features: number;
  /** Those of the features that are edges of QEMU's code, where a build counts them. */
  edges: number;
  interesting: number;
  /** Milliseconds into the campaign when something new was last seen. */
  lastNewMs: number;
  discoveries: Discovery[];
  /** What each worker is doing. */
  trying: string[];
  /** Of a lab: who works for it. */
  machines?: readonly Machine[];
  restarts: number;
  workersLost: WorkerLost[];
  /** What each rule said. */
  rules: RulesJudged;
  /** What went wrong beside the hunt. */
  warnings: string[];
};

/** What was judged of it; a suspect that the budget left no time for was not. */
export function decidedIn({ sequences, undecided, suspects }: HuntState): Decided {
  const late = suspects > 0 ? { 'it may hang, and there was no time for a second look': suspects } : {};
  const reasons = { ...undecided, ...late };
  const without = Object.values(reasons).reduce((sum, count) => sum + count, 0);
  return decidedOf(sequences - without, reasons);
}

export type WorkerLost = { atMs: number; how: string; doing: string; suspects: readonly string[] };

export function openHuntTally(nowMs: () => number, rules = openRulesTally()): HuntTally {
  const history = openHistory(historyPointsMax, historyStepMs);
  const byVersion: Record<string, RunsSum> = {};
  const sum = noRuns();
  const seen: Omit<HuntState, keyof RunsSum | 'history'> = {
    programs: [],
    seed: '',
    suspects: 0,
    switchedOff: [],
    byVersion,
    features: 0,
    edges: 0,
    interesting: 0,
    lastNewMs: 0,
    discoveries: [],
    trying: [],
    restarts: 0,
    workersLost: [],
    warnings: [],
  };
  const sessions: number[] = [];

  return { hear, state };

  /** What turned out to be the same defect as another finding is counted there. */
  function state(): HuntState {
    const discoveries = seen.discoveries.filter(({ shrunk }) => shrunk !== 'joined');
    return { ...sum, ...seen, discoveries, rules: rules.result(), history: history.points() };
  }

  function hear(event: CampaignEvent): void {
    switch (event.kind) {
      case 'began':
        Object.assign(seen, { programs: event.programs, seed: event.seed });
        return;
      case 'ran':
        ran(event);
        return;
      case 'runs':
        runs(event);
        return;
      case 'machines':
        seen.machines = event.machines;
        return;
      case 'confirmed':
        seen.suspects--;
        confirmed(event.ran);
        return;
      case 'found':
        seen.discoveries = [...seen.discoveries, event.discovery].sort(byWeight);
        return;
      case 'shrinking':
        seen.trying[event.worker] = `shrinking ${event.discovery.id}`;
        return;
      case 'shrunk':
      case 'explained':
        return;
      case 'switched-off':
        seen.switchedOff.push({ ...event.off, atMs: Math.round(nowMs()) });
        return;
      case 'worker-lost':
        lost(event);
        return;
      case 'warning':
        seen.warnings.push(event.message);
        return;
    }
  }

  function runs({ version, sum: one, news, edges, ...now }: Extract<CampaignEvent, { kind: 'runs' }>): void {
    addRuns(sum, one);
    rules.addRuns(one);
    addRuns(ofVersion(version), one);
    seen.edges = edges;
    note(news, now);
  }

  function confirmed(ran: Ran): void {
    addJudged(sum, ran);
    rules.add(ran.verdicts);
    const version = versionOf(ran);
    if (version !== undefined) addJudged(ofVersion(version), ran);
  }

  function lost(event: Extract<CampaignEvent, { kind: 'worker-lost' }>): void {
    const { worker, how, doing, isRun, suspects } = event;
    seen.trying[worker] = '';
    if (isRun) {
      sum.sequences++;
      addUndecided(sum, workerDied);
    }
    seen.workersLost.push({ atMs: Math.round(nowMs()), how, doing, suspects });
  }

  function ran({ worker, ran, news, ...now }: Extract<CampaignEvent, { kind: 'ran' }>): void {
    seen.trying[worker] = ran.property;
    addRan(sum, ran);
    if (ran.suspect) seen.suspects++;
    else rules.add(ran.verdicts);
    sessions[worker] = ran.sessionsStarted;
    seen.restarts = Math.max(0, sessions.reduce((sum, each) => sum + (each ?? 0), 0) - sessions.length);
    const version = versionOf(ran);
    if (version !== undefined) addRan(ofVersion(version), ran);
    seen.edges += news.filter(isEdge).length;
    note(news.length, now);
  }

  function versionOf({ program }: Ran): string | undefined {
    return seen.programs[program]?.target.version;
  }

  function ofVersion(version: string): RunsSum {
    byVersion[version] ??= noRuns();
    return byVersion[version];
  }

  function note(news: number, { features, interesting }: { features: number; interesting: number }): void {
    Object.assign(seen, { features, interesting });
    if (news > 0) seen.lastNewMs = nowMs();
    history.add({
      ...{ atMs: Math.round(nowMs()), sequences: sum.sequences, features },
      findings: seen.discoveries.length,
    });
  }
}

/** Of a curve as wide as a screen: more would not be seen. */
const historyPointsMax = 240;
const historyStepMs = 2000;

const workerDied = 'its worker died';
