import { isJsonObject, type JsonObject } from '../../sequence/json-object.ts';
import { hostFactor, lostMs } from '../../trace/host.ts';
import type { Place } from '../../trace/place.ts';
import type { Fact } from '../facts/fact.ts';
import { type Evidence, replyOf } from '../reading/evidence.ts';
import { type JobHistory, jobsOf, who } from '../reading/job-histories.ts';
import { concernsJob, keptWaitingUntilUs } from '../reading/kept-waiting.ts';
import { throttledUntil } from '../reading/throttles.ts';
import { disturbancesOf } from '../reading/undecided-from.ts';
import { lastDone } from '../reading/verbs-on.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';
import type { Cause, WhyUndecided } from '../why-undecided.ts';
import { lastAlone } from './alone.ts';

const goesOn: Rule = {
  name: 'hang/no-progress',
  kind: 'hang',
  statement:
    'A running job without a limit, or whose limit was lifted, gets on: queries for two seconds do not all show the same figures of it, unless it waits for what a guest writes.',
  source:
    'qapi/block-core.json (QEMU 10.0), block-job-set-speed: "the maximum speed, in bytes per second, or 0 for unlimited. Defaults to 0."; job.c, block_job_set_speed wakes the job; the first request of every job ended in milliseconds',
  since: '7.2',
};

/** A request of these disks takes milliseconds; scaled by the host. */
const deadlineMs = 2_000;

/** A job as a query showed it first and last, with nothing new in between. */
type Stretch = { life: JobHistory; row: JsonObject; from: Place; to: Place };

/** That jobs which nothing holds back get on, where queries look at them: settling asks each running job. */
export const noProgress: RuleFamily = {
  rules: [goesOn],
  judge(evidence, ledger) {
    const { trace, opened } = evidence;
    const limitMs = deadlineMs * hostFactor(opened.roundTripUs) + lostMs(trace);
    return [...stretches(evidence, () => ledger.held(goesOn))].flatMap((stretch): Violation[] => {
      const { life, from, to } = stretch;
      const stoodMs = ((trace[to]?.us ?? 0) - (trace[from]?.us ?? 0)) / 1000;
      if (stoodMs < limitMs) return [];
      const heldUntilUs = keptWaitingUntilUs(evidence, {
        since: from,
        by: to,
        concerns: concernsJob(evidence, life, to),
      });
      const wasFreeMs = ((trace[to]?.us ?? 0) - Math.max(trace[from]?.us ?? 0, heldUntilUs)) / 1000;
      const why = excuse(evidence, stretch) ?? (wasFreeMs < limitMs ? 'server trouble' : undefined);
      if (why) {
        ledger.undecided(goesOn, why);
        return [];
      }
      const facts: Fact = {
        shape: 'lacking',
        what: 'progress',
        ...who(life),
        afterMs: Math.round(stoodMs),
      };
      return [{ rule: goesOn, at: to, facts }];
    });
  },
};

/** The longest while in which each job stood still by what queries show, nothing having been done to it. `moved`: it had got on. */
function stretches(evidence: Evidence, moved: () => void): readonly Stretch[] {
  const open = new Map<JobHistory, Stretch>();
  const over: Stretch[] = [];
  for (const exchange of evidence.exchanges) {
    if (exchange.name !== 'query-block-jobs' || exchange.oob || exchange.reply === undefined) continue;
    for (const row of rowsOf(replyOf(evidence, exchange)?.return)) {
      const life = jobsOf(evidence).lifeAt(`${row.device}`, exchange.reply);
      if (!life || !isRunning(row)) continue;
      const known = open.get(life);
      if (known && isSame(known.row, row) && isUntouched(evidence, known, exchange.notBefore)) {
        known.to = exchange.sent;
        continue;
      }
      if (known) {
        over.push(known);
        if (!isSame(known.row, row)) moved();
      }
      open.set(life, { life, row, from: exchange.reply, to: exchange.reply });
    }
  }
  return [...over, ...open.values()];
}

function rowsOf(listed: unknown): JsonObject[] {
  return Array.isArray(listed) ? listed.filter(isJsonObject) : [];
}

const isRunning = ({ status, paused, ready, speed }: JsonObject): boolean =>
  status === 'running' && paused === false && ready === false && speed === 0;

const isSame = (one: JsonObject, other: JsonObject): boolean =>
  one.offset === other.offset && one.len === other.len;

/** It has said nothing since, and nothing was done to it. */
const isUntouched = (evidence: Evidence, { life, from }: Stretch, to: Place): boolean =>
  lastAlone(evidence, life, from, to) >= to && !life.entries.some(({ at }) => at > from && at < to);

function excuse(evidence: Evidence, { life, from, to }: Stretch): WhyUndecided | Cause | undefined {
  const { either } = disturbancesOf(evidence);
  if (either.from < to) return either;
  if (throttledUntil(evidence) > from) return 'throttled';
  const start = evidence.bySent.get(life.startedBy ?? -1);
  if (!start || life.options.type === undefined) return 'start unseen';
  // A backup that copies what a guest overwrites has nothing else to do.
  if (JSON.stringify(start.args).includes('"sync":"none"')) return 'others write';
  // Asked to end, it is at that: `hang/cancel`.
  return lastDone(evidence, life.id, 'cancel', to) ? 'several requests' : undefined;
}
