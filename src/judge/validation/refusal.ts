import { type Evidence, type Exchange, replyOf } from '../evidence.ts';
import type { Rule, Violation } from '../rule.ts';

/** The violation where a command that must be refused, with one of `classes`, was not; nothing while it is unanswered. */
export function mustFail(
  evidence: Evidence,
  exchange: Exchange,
  rule: Rule,
  classes: readonly string[],
  why: string,
): Violation[] {
  const { name, reply: at } = exchange;
  const reply = replyOf(evidence, exchange);
  if (at === undefined || !reply) return [];
  if (reply.error && classes.includes(reply.error.class)) return [];
  const got = reply.error ? `${reply.error.class}: ${reply.error.desc}` : 'success';
  return [
    { rule, at, ...stepOf(exchange), text: `${name} ${why}: expected ${classes.join(' or ')}, got ${got}` },
  ];
}

export const stepOf = ({ step }: Exchange): { step?: number } => (step === undefined ? {} : { step });
