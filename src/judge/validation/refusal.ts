import type { Fact } from '../facts/fact.ts';
import type { Reason } from '../facts/reason.ts';
import { gotOf } from '../facts/reply.ts';
import type { Ledger } from '../ledger.ts';
import { type Evidence, type Exchange, replyOf } from '../reading/evidence.ts';
import type { Rule, Violation } from '../rule.ts';

/** What must be refused, by which rule, with which class of error, and why. */
export type Refusal = { rule: Rule; classes: readonly string[]; why: Reason };

/** Rules on a command that must be refused: the violation where it was not; nothing while it is unanswered. */
export function mustFail(
  evidence: Evidence,
  exchange: Exchange,
  { rule, classes, why }: Refusal,
  ledger: Ledger,
): Violation[] {
  const { name, reply: at } = exchange;
  const reply = replyOf(evidence, exchange);
  if (at === undefined || !reply) return [];
  if (reply.error && classes.includes(reply.error.class)) {
    ledger.held(rule);
    return [];
  }
  const due = classes.map((each) => ({ class: each }));
  const facts: Fact = { shape: 'reply', command: name, why, due, got: gotOf(reply) };
  return [{ rule, at, ...stepOf(exchange), facts }];
}

export const stepOf = ({ step }: Exchange): { step?: number } => (step === undefined ? {} : { step });
