import { opening, type Place } from '../../trace/place.ts';
import type { Fact } from '../facts/fact.ts';
import type { Ledger } from '../ledger.ts';
import type { Evidence } from '../reading/evidence.ts';
import {
  type EventEntry,
  eventsNamed,
  type JobEntry,
  type JobHistory,
  jobsOf,
  stopsOf,
  who,
} from '../reading/job-histories.ts';
import { disturbancesOf } from '../reading/undecided-from.ts';
import { mayHaveRun } from '../reading/verbs-on.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';
import { errorsMet } from './met-errors.ts';
import { allWereTold, isInjected } from './told-errors.ts';

const stopped: Rule = {
  name: 'state/error-stops',
  kind: 'state',
  statement:
    'A job that an error has stopped, before it was ready or after, gets neither ready nor done before it is resumed, nor does it fail with that error. That it fails is judged only where every error came once and is one that the job has told.',
  source:
    'qapi/block-core.json (QEMU 10.0), BlockdevOnError: "for guest operations, stop the virtual machine; for jobs, pause the job"; what failed is tried again after the pause (block/mirror.c, backup.c, stream.c, commit.c)',
};

/** What comes of BLOCK_JOB_ERROR with the action stop. */
export const stateStopped: RuleFamily = {
  rules: [stopped],
  judge: (evidence, ledger) =>
    jobsOf(evidence).lives.flatMap((life) => [
      ...goesOn(evidence, life, ledger),
      ...fails(evidence, life, ledger),
    ]),
};

function goesOn(evidence: Evidence, life: JobHistory, ledger: Ledger): Violation[] {
  return stopsOf(life)
    .flatMap((stop) => goesOnAfter(evidence, life, stop, ledger))
    .slice(0, 1);
}

function goesOnAfter(evidence: Evidence, life: JobHistory, stop: EventEntry, ledger: Ledger): Violation[] {
  const isReady = (entry: JobEntry): boolean => entry.kind === 'status' && entry.status === 'ready';
  const firstReady = life.entries.find(isReady);
  const on = life.entries.find(
    (entry) =>
      entry.at > stop.at && (entry === firstReady || (entry.kind === 'status' && isDone(entry.status))),
  );
  const { either } = disturbancesOf(evidence);
  // It went on after somebody let it, or not at all.
  const isLet = (to: Place) =>
    mayHaveRun(evidence, life.id, ['resume', 'cancel', 'complete'], stop.at, to) ||
    // One that was cancelled without force before heeds no pause in 5.2.
    mayHaveRun(evidence, life.id, ['cancel'], life.entries[0]?.at ?? opening, to);
  if (on?.kind !== 'status' || isLet(on.at)) {
    ledger.held(stopped);
    return [];
  }
  if (on.at >= either.from) {
    ledger.undecided(stopped, either);
    return [];
  }
  const facts: Fact = { shape: 'outcome', ...who(life), is: 'went on though stopped', to: on.status };
  return [{ rule: stopped, at: on.at, facts }];
}

function fails(evidence: Evidence, life: JobHistory, ledger: Ledger): Violation[] {
  const [end] = eventsNamed(life, 'BLOCK_JOB_COMPLETED');
  const named = end?.data.error;
  if (!end || typeof named !== 'string') return [];
  const told = eventsNamed(life, 'BLOCK_JOB_ERROR').filter(({ at }) => at < end.at);
  const last = told.at(-1);
  const isLet = (from: Place): boolean =>
    mayHaveRun(evidence, life.id, ['resume', 'cancel', 'complete'], from, end.at);
  if (!last || told.some(({ data }) => data.action !== 'stop') || isLet(last.at)) return [];
  const { armed, disturbed } = errorsMet(evidence);
  if (!isInjected(named, armed)) return [];
  if (end.at >= disturbed.from) ledger.undecided(stopped, disturbed);
  else if (!allWereTold(life, end.at, armed)) ledger.undecided(stopped, 'error unknown');
  else {
    const facts: Fact = { shape: 'outcome', ...who(life), is: 'went on though stopped', to: 'aborting' };
    return [{ rule: stopped, at: end.at, facts }];
  }
  return [];
}

const isDone = (status: string): boolean => status === 'waiting' || status === 'pending';
