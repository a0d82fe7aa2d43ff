import { type Evidence, type Exchange, replyOf } from '../reading/evidence.ts';
import { jobsOf } from '../reading/job-histories.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';
import { mustFail } from '../validation/refusal.ts';

const back: Rule = {
  name: 'state/no-change-back',
  kind: 'state',
  since: '8.2',
  statement:
    'A mirror that was started as write-blocking, or has become so, is not made a background one again.',
  source:
    "qapi/block-core.json (QEMU 10.0), BlockJobChangeOptionsMirror: \"Currently, only the switch from 'background' to 'write-blocking' is implemented.\"",
};

/** Whatever becomes of the job meanwhile, a change back is refused: for what it asks, or since the job is gone. */
export const stateChangeBack: RuleFamily = {
  rules: [back],
  judge: (evidence, ledger) =>
    evidence.exchanges.flatMap((exchange): Violation[] => {
      if (!asksFor(exchange, 'background') || !isWriteBlocking(evidence, exchange)) return [];
      const why = { is: 'argument', member: 'copy-mode', value: 'background' } as const;
      const classes = ['GenericError', 'DeviceNotActive'];
      return mustFail(evidence, exchange, { rule: back, classes, why }, ledger);
    }),
};

const asksFor = ({ name, args, oob }: Exchange, mode: string): boolean =>
  name === 'block-job-change' && !oob && args.type === 'mirror' && args['copy-mode'] === mode;

/** By its start, or by a change that was accepted before this one was sent; of the same life of the id. */
function isWriteBlocking(evidence: Evidence, { args: { id }, sent, reply }: Exchange): boolean {
  if (typeof id !== 'string' || reply === undefined) return false;
  const { lifeAt } = jobsOf(evidence);
  const life = lifeAt(id, sent);
  if (life?.options.type !== 'mirror' || lifeAt(id, reply) !== life) return false;
  const start = evidence.bySent.get(life.startedBy ?? -1);
  if (start?.args['copy-mode'] === 'write-blocking') return true;
  return evidence.exchanges.some(
    (each) =>
      asksFor(each, 'write-blocking') &&
      each.args.id === id &&
      each.reply !== undefined &&
      each.reply < sent &&
      replyOf(evidence, each)?.error === undefined &&
      lifeAt(id, each.sent) === life,
  );
}
