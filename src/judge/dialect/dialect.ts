import { misfit } from '../../qmp/dialect/members.ts';
import { membersOf } from '../../qmp/dialect/vocabulary.ts';
import type { Observation, Trace } from '../../trace/observation.ts';
import { nowhere, opening, type Place } from '../../trace/place.ts';
import type { Fact } from '../facts/fact.ts';
import { gotOf } from '../facts/reply.ts';
import type { Ledger } from '../ledger.ts';
import { type Evidence, type Exchange, replyOf } from '../reading/evidence.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';
import { mustFail, stepOf } from '../validation/refusal.ts';
import { isEndOf } from './retold.ts';

const members: Rule = {
  name: 'validation/dialect-members',
  kind: 'validation',
  statement:
    'A command of RHEL 6.3 or 7 takes the members that it had then: one that is missing, unknown or of another type is refused, with the class of that time.',
  source:
    "we expect it: qemu-monitor.hx of RHEL 6.3's qemu-kvm, args_type, and its monitor.c, qmp_check_client_args, say so; qapi-schema.json of QEMU 1.5.3",
};
const reopen: Rule = {
  name: 'validation/reopen-after-end',
  kind: 'validation',
  statement:
    "drive-reopen answers when the device's job is over: with success after BLOCK_JOB_COMPLETED, with DeviceInUse after BLOCK_JOB_CANCELLED or an error.",
  source:
    "we expect it: blockdev.c of RHEL 6.3's qemu-kvm, qmp___com_redhat_drive_reopen: block_job_cancel_sync, then DeviceInUse unless it succeeded; the test plan's printout, section 6.1",
};

/** What holds of a client's session in a dialect, in the dialect's own words. */
export const dialectRules: RuleFamily = {
  rules: [members, reopen],
  judge(evidence, ledger) {
    const { dialect } = evidence.opened.sequence;
    if (!dialect) return [];
    return evidence.exchanges.flatMap((exchange): Violation[] => {
      const { name, args, step, oob } = exchange;
      if (step === undefined || oob) return [];
      const taken = membersOf(dialect, name);
      const wrong = taken && misfit(args, taken, dialect);
      if (wrong) {
        const { class: name, desc } = wrong;
        const why = { is: 'dialect misfit', class: name, desc } as const;
        return mustFail(evidence, exchange, { rule: members, classes: [name], why }, ledger);
      }
      return name === '__com.redhat_drive-reopen' ? judgeReopen(evidence, exchange, ledger) : [];
    });
  },
};

function judgeReopen(evidence: Evidence, exchange: Exchange, ledger: Ledger): Violation[] {
  const { trace } = evidence;
  const { sent, reply: at, args } = exchange;
  const reply = replyOf(evidence, exchange);
  if (at === undefined || !reply || !hasJob(evidence, args.device, sent)) return [];
  const end = trace.slice(sent, at).find((seen) => isEndOf(seen, args.device));
  const succeeded =
    end?.kind === 'event' && end.name === 'BLOCK_JOB_COMPLETED' && end.data.error === undefined;
  const inUse = reply.error?.class === 'DeviceInUse';
  if (inUse ? !end || succeeded : !reply.error && !succeeded)
    return [reopenBroken(exchange, reply, end, succeeded)];
  if (inUse || !reply.error) ledger.held(reopen);
  // What came after the job's end may have failed for reasons of its own.
  else ledger.undecided(reopen, 'several answers');
  return [];
}

function reopenBroken(
  exchange: Exchange,
  reply: NonNullable<ReturnType<typeof replyOf>>,
  end: Observation | undefined,
  succeeded: boolean,
): Violation {
  const facts: Fact = {
    shape: 'reply',
    command: 'drive-reopen',
    why: {
      is: 'reopen',
      device: `${exchange.args.device}`,
      end: end?.kind === 'event' ? end.name : undefined,
    },
    due: end && succeeded ? ['success'] : [{ class: 'DeviceInUse' }],
    got: gotOf(reply),
  };
  return { rule: reopen, at: exchange.reply ?? opening, ...stepOf(exchange), facts };
}

/** A job was started on the device, surely, and nothing has told of its end. */
function hasJob({ trace, exchanges }: Evidence, device: unknown, at: Place): boolean {
  const started = exchanges.findLast(
    ({ name, args, reply = nowhere }) =>
      name === '__com.redhat_drive-mirror' && args.device === device && reply < at && isSuccess(trace, reply),
  );
  return started !== undefined && !trace.slice(started.sent, at).some((seen) => isEndOf(seen, device));
}

const isSuccess = (trace: Trace, reply: Place): boolean => {
  const seen = trace[reply];
  return seen?.kind === 'reply' && seen.error === undefined;
};
