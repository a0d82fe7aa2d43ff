import type { JobStatus } from '../../qemu/job-statuses.ts';
import { asPlace, nowhere, opening, type Place } from '../../trace/place.ts';
import type { Fact } from '../facts/fact.ts';
import type { Ledger } from '../ledger.ts';
import type { Evidence } from '../reading/evidence.ts';
import {
  type EventEntry,
  eventsNamed,
  hidesStatuses,
  type JobHistory,
  jobsOf,
  who,
} from '../reading/job-histories.ts';
import { concernsJob, keptWaitingUntilUs } from '../reading/kept-waiting.ts';
import { throttledUntil } from '../reading/throttles.ts';
import { disturbancesOf } from '../reading/undecided-from.ts';
import { mayHaveRun } from '../reading/verbs-on.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';
import type { Cause, WhyUndecided } from '../why-undecided.ts';
import { lastAlone } from './alone.ts';
import { isLimited, limitMs } from './effects.ts';

const ends: Rule = {
  name: 'hang/reported-error',
  kind: 'hang',
  statement:
    'A job that has reported an error by its policy, and is left alone, begins to end within two seconds. Not judged: one that its user pauses before it comes to that, and a mirror or commit with a limit.',
  source:
    'qapi/block-core.json (QEMU 10.0), BlockdevOnError: "for guest operations, report the error to the guest; for jobs, cancel the job"; bounded by measurement: milliseconds in 5.2 to 11.1, a pause that was asked for before keeps none of them, but a mirror or active commit sleeps its limit off first (to a second and more, on all four)',
};
const pauses: Rule = {
  name: 'hang/error-stop',
  kind: 'hang',
  statement:
    'A job that an error has stopped, and that is left alone, leaves running or READY within two seconds.',
  source:
    'qapi/block-core.json (QEMU 10.0), BlockdevOnError: "for guest operations, stop the virtual machine; for jobs, pause the job"; bounded by measurement: milliseconds. 5.2 sleeps off its rate limit first',
  since: '7.2',
};

/** What an action of BLOCK_JOB_ERROR announces, and the statuses that show it. */
type Announced = { rule: Rule; action: 'report' | 'stop'; to: ReadonlySet<JobStatus> };

const ending = ['waiting', 'pending', 'aborting', 'concluded', 'null'] as const;
const all: readonly Announced[] = [
  { rule: ends, action: 'report', to: new Set(ending) },
  { rule: pauses, action: 'stop', to: new Set(['paused', 'standby', ...ending]) },
];

/** That what BLOCK_JOB_ERROR announces comes in bounded time. */
export const announcedEffects: RuleFamily = {
  rules: [ends, pauses],
  judge(evidence, ledger) {
    if (hidesStatuses(evidence)) return [];
    return jobsOf(evidence).lives.flatMap((life) =>
      all.flatMap((announced) => judgeAction(evidence, life, announced, ledger)),
    );
  },
};

function judgeAction(
  evidence: Evidence,
  life: JobHistory,
  { rule, action, to }: Announced,
  ledger: Ledger,
): Violation[] {
  const { trace } = evidence;
  const told = eventsNamed(life, 'BLOCK_JOB_ERROR').filter(({ data }) => data.action === action);
  return told.flatMap((error, i): Violation[] => {
    const came = life.statuses.find(({ at, status }) => at > error.at && to.has(status));
    const next = told[i + 1];
    // Several requests that were in flight fail one after the other: the last of them counts.
    if (next && next.at < (came?.at ?? nowhere)) return [];
    const before = life.statuses.findLast(({ at }) => at < error.at)?.status;
    if (before !== 'running' && before !== 'ready') return [];
    const until = lastAlone(evidence, life, error.at, came?.at ?? asPlace(trace.length));
    const waitedMs = ((trace[until]?.us ?? 0) - (trace[error.at]?.us ?? 0)) / 1000;
    if (came && until === came.at && waitedMs < limitMs(evidence)) {
      ledger.held(rule);
      return [];
    }
    const left = until < trace.length - 1 ? 'held back' : 'trace ends';
    const why =
      waitedMs < limitMs(evidence)
        ? left
        : (excuse(evidence, { life, error, action }, until) ??
          waitsForServer(evidence, { life, error }, until));
    if (why) {
      ledger.undecided(rule, why);
      return [];
    }
    const afterMs = Math.round(waitedMs);
    const facts: Fact = {
      shape: 'lacking',
      what: 'announced',
      ...who(life),
      action,
      status: before,
      afterMs,
    };
    return [{ rule, at: until, facts }];
  });
}

const stands: ReadonlySet<JobStatus> = new Set(['paused', 'standby']);

type Told = { life: JobHistory; error: EventEntry };

/** Requests in flight are waited for, those to a server as long as its client says. */
function waitsForServer(evidence: Evidence, { life, error }: Told, until: Place): WhyUndecided | undefined {
  const { trace } = evidence;
  const heldUntilUs = keptWaitingUntilUs(evidence, {
    since: error.at,
    by: until,
    concerns: concernsJob(evidence, life, until),
  });
  const freeUs = Math.max(trace[error.at]?.us ?? 0, heldUntilUs);
  return ((trace[until]?.us ?? 0) - freeUs) / 1000 < limitMs(evidence) ? 'server trouble' : undefined;
}

function excuse(
  evidence: Evidence,
  { life, error, action }: Told & { action: Announced['action'] },
  until: Place,
): WhyUndecided | Cause | undefined {
  const { either } = disturbancesOf(evidence);
  if (either.from < until) return either;
  if (throttledUntil(evidence) > error.at) return 'throttled';
  const { type, grouped } = life.options;
  if (type === undefined) return 'start unseen';
  if (grouped) return 'grouped';
  const begun = life.statuses[0]?.at ?? opening;
  const isPaused = life.statuses.some(({ at, status }) => at > error.at && at < until && stands.has(status));
  if (isPaused && mayHaveRun(evidence, life.id, ['pause'], begun, until)) return 'held back';
  const sleepsItOff = type === 'mirror' || type === 'commit';
  return action === 'report' && sleepsItOff && isLimited(evidence, life, error.at) ? 'held back' : undefined;
}
