import type { ReplyClaim } from '../../sequence/step.ts';
import { type Observation, statusChange, type Trace } from '../../trace/observation.ts';
import type { PlannedStep } from './plan.ts';
import { quote } from './shell.ts';
import { idOf } from './steps.ts';
import { type Case, mustLive, type ScriptVerdict } from './verdict.ts';

/**
 * A reply of the wrong kind, or a change of status that no job may make. What a query returned, or an event that never
 * came, takes the model to judge.
 */
export function replyVerdict(shown: Case): ScriptVerdict | undefined {
  const { finding, trace, at } = shown;
  const seen = trace[at];
  if (seen?.kind === 'event') return finding.rule === 'state/transition' ? wrongChange(trace, at) : undefined;
  const { step } = finding.violation;
  const planned = shown.plan.steps.find(({ index }) => index === step);
  if (seen?.kind !== 'reply' || planned === undefined || !('qmp' in planned.step)) return undefined;
  const test = wrongReply(finding.rule, planned, seen);
  if (test === undefined) return undefined;
  const job = jobOf(planned, trace, at);
  const guarded = finding.rule.startsWith('state/') && job !== undefined;
  return {
    ends: 'steps',
    before: ({ index }) => (index === step && guarded ? [`before=$(status_of ${job.id})`] : []),
    after: ({ index }) =>
      index === step ? [...replyLines(planned), ...(guarded ? statusLines(job) : []), ...test] : [],
    ending: [mustLive, 'absent'],
  };
}

type Reply = Extract<Observation, { kind: 'reply' }>;

/** Lines that show the defect where the reply is as wrong as it was; by the author's word where the step has one. */
function wrongReply(rule: string, { step }: PlannedStep, reply: Reply): string[] | undefined {
  const claim: ReplyClaim | undefined = rule === 'claim/reply' && 'qmp' in step ? step.expect : undefined;
  if (claim === 'ok') return [`[[ $reply != *'"error": {"class"'* ]] || shows "refused: $reply"`];
  if (claim === 'error') return [`[[ $reply != *'"return"'* ]] || shows "accepted: $reply"`];
  if (claim !== undefined && 'class' in claim) {
    const wanted = quote(`"class": "${claim.class}"`);
    const words = claim.desc === undefined ? '' : ` && $reply == *${quote(claim.desc)}*`;
    return [`[[ $reply == *${wanted}*${words} ]] || shows "not the error that is due: $reply"`];
  }
  if (reply.error) {
    const { class: name, desc } = reply.error;
    const said = /[\d/#]/.test(desc) ? '' : `, "desc": ${JSON.stringify(desc)}`;
    return [`[[ $reply != *${quote(`"error": {"class": "${name}"${said}`)}* ]] || shows "$reply"`];
  }
  // An accepted command returns nothing; what a query returns is another matter.
  const isEmpty = JSON.stringify(reply.return) === '{}';
  return isEmpty ? [`[[ $reply != *'"return": {}'* ]] || shows "accepted: $reply"`] : undefined;
}

const isWaited = ({ actions }: PlannedStep): boolean => {
  const last = actions.at(-1);
  return last?.do === 'qmp' && last.wait;
};

function replyLines(planned: PlannedStep): string[] {
  return isWaited(planned) ? [] : [`replied ${idOf(planned, planned.actions.length - 1)}`];
}

/** The same reply may be right for a job in another status, so that has to be as it was. */
function statusLines({ id, status }: { id: string; status: string }): string[] {
  return [
    `now=$(status_of ${id})`,
    `[[ $before == '${status}' && $now == '${status}' ]] ||`,
    `  cannot "the job was $before, then $now; the defect showed with ${status}"`,
  ];
}

function jobOf(
  { actions }: PlannedStep,
  trace: Trace,
  at: number,
): { id: string; status: string } | undefined {
  const command = actions.at(-1);
  const id = command?.do === 'qmp' ? (command.args.id ?? command.args.device) : undefined;
  if (typeof id !== 'string' || !isWord(id)) return undefined;
  const last = trace.slice(0, at).findLast((seen) => statusChange(seen)?.id === id);
  const status = (last && statusChange(last)?.status) ?? '';
  return status === '' || isWord(status) ? { id, status } : undefined;
}

/** What a script may hold as it is: a QEMU may say anything. */
const isWord = (text: string): boolean => /^[A-Za-z][\w.-]*$/.test(text);

function wrongChange(trace: Trace, at: number): ScriptVerdict | undefined {
  const change = trace[at] && statusChange(trace[at]);
  if (!change) return undefined;
  const before = trace.slice(0, at).findLast((seen) => statusChange(seen)?.id === change.id);
  const from = before && statusChange(before)?.status;
  if (from === undefined || ![change.id, from, change.status].every(isWord)) return undefined;
  return {
    ends: 'arena',
    ending: [
      `[[ "$(statuses ${change.id}) " != *' ${from} ${change.status} '* ]] || shows "a job went from ${from} to ${change.status}"`,
      'absent',
    ],
  };
}
