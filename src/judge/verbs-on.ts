import { jobCommands } from '../model/job-commands.ts';
import type { VerbName } from '../model/job-machine.ts';
import { type Evidence, type Exchange, replyOf } from './evidence.ts';

/** Commands of some verbs on a job that have worked, or may have: what was refused did nothing. */
export function verbsOn(evidence: Evidence, job: string, verbs: readonly VerbName[]): Exchange[] {
  return evidence.exchanges.filter((exchange) => {
    const command = jobCommands[exchange.name];
    return (
      command !== undefined &&
      verbs.includes(command.verb.name) &&
      exchange.args[command.idArgument] === job &&
      !replyOf(evidence, exchange)?.error
    );
  });
}

/** Whether one of them may have been handled between two places of the trace. */
export const anyWithin = (exchanges: readonly Exchange[], from: number, to: number): boolean =>
  exchanges.some(({ sent, reply = Number.POSITIVE_INFINITY }) => sent < to && reply > from);
