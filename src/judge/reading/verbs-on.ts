import { jobCommands } from '../../model/job-commands.ts';
import type { VerbName } from '../../qemu/cards.ts';
import { nowhere, type Place } from '../../trace/place.ts';
import { type Evidence, type Exchange, replyOf } from './evidence.ts';
import { lastBefore } from './trace-search.ts';

/** Whether one of these verbs on a job may have been carried out between two places of the trace. */
export const mayHaveRun = (
  evidence: Evidence,
  job: string,
  verbs: readonly VerbName[],
  from: Place,
  to: Place,
): boolean =>
  verbs.some((verb) => {
    const all = verbsOn(evidence, job, verb);
    const last = all[lastBefore(all, to, ({ sent }) => sent)];
    return last !== undefined && (last.reply ?? nowhere) > from;
  });

/** The last such verb on a job that was accepted by then. */
export function lastDone(evidence: Evidence, job: string, verb: VerbName, by: number): Exchange | undefined {
  const all = verbsOn(evidence, job, verb);
  let i = lastBefore(all, by, ({ sent }) => sent);
  while ((all[i]?.reply ?? nowhere) > by && i >= 0) i--;
  return all[i];
}

const indexes = new WeakMap<Evidence, Map<string, Exchange[]>>();
const nothing: readonly Exchange[] = [];

/** In order; those that have worked, or may have: what was refused did nothing. Read once for each trace. */
function verbsOn(evidence: Evidence, job: string, verb: VerbName): readonly Exchange[] {
  const index = indexes.get(evidence) ?? indexed(evidence);
  indexes.set(evidence, index);
  return index.get(`${verb} ${job}`) ?? nothing;
}

function indexed(evidence: Evidence): Map<string, Exchange[]> {
  const index = new Map<string, Exchange[]>();
  for (const exchange of evidence.exchanges) {
    const command = jobCommands[exchange.name];
    const job = command && exchange.args[command.idArgument];
    if (typeof job !== 'string' || replyOf(evidence, exchange)?.error) continue;
    const key = `${command?.verb.name} ${job}`;
    const same = index.get(key);
    if (same) same.push(exchange);
    else index.set(key, [exchange]);
  }
  return index;
}
