import { jobCommands } from '../../model/job-commands.ts';
import { transitions } from '../../model/job-machine.ts';
import { hostFactor, lostMs } from '../../trace/host.ts';
import { asPlace, opening, type Place } from '../../trace/place.ts';
import type { Fact } from '../facts/fact.ts';
import type { Ledger } from '../ledger.ts';
import type { Evidence, Exchange } from '../reading/evidence.ts';
import { replyOf } from '../reading/evidence.ts';
import { type JobHistory, jobsOf, stopsOf, who } from '../reading/job-histories.ts';
import { lastBefore } from '../reading/trace-search.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';
import { heldBy } from './held-by.ts';

const resumed: Rule = {
  name: 'hang/resume',
  kind: 'hang',
  statement: 'A job whose resume was accepted leaves paused or standby.',
  source:
    'qapi/job.json (QEMU 10.0), job-resume: "This command returns immediately after resuming a paused job."; job.c, job_user_resume and job_do_yield: the job is woken at once; every version did so within a main-loop turn',
};

/** Resuming takes a main-loop turn; scaled by the host. A pause of another kind never lasted this long. */
const deadlineMs = 2_000;

/** Liveness of single verbs, where the trace itself shows the time that passed. */
export const resume: RuleFamily = {
  rules: [resumed],
  judge(evidence, ledger) {
    return evidence.exchanges.flatMap((exchange): Violation[] => {
      const command = jobCommands[exchange.name];
      if (
        command?.verb.name !== 'resume' ||
        exchange.reply === undefined ||
        replyOf(evidence, exchange)?.error
      )
        return [];
      const id = exchange.args[command.idArgument];
      const life = typeof id === 'string' ? jobsOf(evidence).lifeAt(id, exchange.reply) : undefined;
      return life ? judgeResume(evidence, exchange, life, ledger) : [];
    });
  },
};

function judgeResume(
  evidence: Evidence,
  { reply, notBefore, step }: Exchange,
  life: JobHistory,
  ledger: Ledger,
): Violation[] {
  const { trace, opened } = evidence;
  const begin = reply ?? opening;
  const next = lastBefore(life.statuses, notBefore + 1, (status) => status.at) + 1;
  const before = life.statuses[next - 1];
  if (before?.status !== 'paused' && before?.status !== 'standby') return [];
  const after = life.statuses[next];
  // It went on in silence: the missing event is what is wrong (state/transition).
  if (after && !transitions[before.status].includes(after.status)) return [];
  const moved = after?.at ?? asPlace(trace.length);
  if (moved < begin) {
    ledger.held(resumed);
    return [];
  }
  const untilAt = standsStillUntil(trace, begin, moved);
  const stoodMs = ((trace[untilAt]?.us ?? 0) - (trace[begin]?.us ?? 0)) / 1000;
  const limitMs = deadlineMs * hostFactor(opened.roundTripUs) + lostMs(trace);
  if (stoodMs < limitMs) {
    if (after && untilAt === moved) ledger.held(resumed);
    else ledger.undecided(resumed, untilAt < trace.length - 1 ? 'held back' : 'trace ends');
    return [];
  }
  const held = heldBy(evidence, life, before.at, notBefore);
  const facts: Fact = {
    shape: 'lacking',
    what: 'resume',
    ...who(life),
    status: before.status,
    pausedBy: stopsOf(life).some((stop) => stop.at < notBefore) ? 'error' : 'user',
    ...(held ? { heldBy: held } : {}),
    afterMs: Math.round(stoodMs),
  };
  return [{ rule: resumed, at: untilAt, ...(step === undefined ? {} : { step }), facts }];
}

/** Up to the next status, or to whatever else may hold the job or QEMU itself. */
function standsStillUntil(trace: Evidence['trace'], from: Place, to: Place): Place {
  for (let i = from + 1; i < to; i++) {
    const at = asPlace(i);
    const seen = trace[at];
    if (!seen) break;
    if (seen.kind === 'fault' && seen.fault.fault !== 'lift' && seen.fault.fault !== 'unthrottle') return at;
    if (seen.kind === 'raw-sent' || seen.kind === 'disconnect' || seen.kind === 'exit') return at;
    if (seen.kind === 'command' && /pause|cancel|stop|quit|human-monitor|transaction/.test(seen.name))
      return at;
    if (seen.kind === 'event' && seen.name === 'BLOCK_JOB_ERROR') return at;
  }
  return asPlace(Math.min(to, trace.length - 1));
}
