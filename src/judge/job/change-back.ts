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

const other: Rule = {
  name: 'state/no-change-of-others',
  kind: 'state',
  since: '8.2',
  statement: 'A backup, stream or commit takes no change: there is none for it.',
  source:
    'we expect it: qapi/block-core.json, BlockJobChangeOptions, has options of mirrors only; blockjob.c, block_job_change_locked: "Job type does not support change"; every type tried',
};

/** Whatever becomes of the job meanwhile, a change back is refused: for what it asks, or since the job is gone. */
export const stateChangeBack: RuleFamily = {
  rules: [back, other],
  judge: (evidence, ledger) =>
    evidence.exchanges.flatMap((exchange): Violation[] => {
      const type = exchange.name === 'block-job-change' && !exchange.oob && otherType(evidence, exchange);
      const classes = ['GenericError', 'DeviceNotActive'];
      if (type) {
        const why = { is: 'change of', type, id: `${exchange.args.id}` } as const;
        return mustFail(evidence, exchange, { rule: other, classes, why }, ledger);
      }
      if (!asksFor(exchange, 'background') || !isWriteBlocking(evidence, exchange)) return [];
      const why = { is: 'argument', member: 'copy-mode', value: 'background' } as const;
      return mustFail(evidence, exchange, { rule: back, classes, why }, ledger);
    }),
};

/** The type of the job, where that can't be changed; of the same life of the id. */
function otherType(evidence: Evidence, { args: { id }, sent, reply }: Exchange): string | undefined {
  if (typeof id !== 'string' || reply === undefined) return undefined;
  const { lifeAt } = jobsOf(evidence);
  const life = lifeAt(id, sent);
  const type = life?.options.type;
  return life === lifeAt(id, reply) && type !== undefined && others.has(type) ? type : undefined;
}

const others: ReadonlySet<string> = new Set(['backup', 'stream', 'commit']);

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
