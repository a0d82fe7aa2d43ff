import { isJsonObject } from '../../sequence/json-object.ts';
import { opening, type Place } from '../../trace/place.ts';
import type { Ledger } from '../ledger.ts';
import { type Evidence, type Exchange, replyOf } from '../reading/evidence.ts';
import { eventsNamed, jobsOf, metError, who } from '../reading/job-histories.ts';
import { disturbancesOf } from '../reading/undecided-from.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';
import { stepOf } from '../validation/refusal.ts';

const synced: Rule = {
  name: 'state/actively-synced',
  kind: 'state',
  since: '8.2',
  statement:
    'A mirror that was started as write-blocking is shown as actively-synced from READY on, unless it has met an error. Not judged where a request that changes a disk was under way when READY came.',
  source:
    'qapi/block-core.json (QEMU 10.0), BlockJobInfoMirror: "Whether the source is actively synced to the target, i.e. same data and new writes are done synchronously to both."; block/mirror.c, mirror_run sets it in the same turn as READY',
};

/** What query-block-jobs shows of a mirror alone. */
export const stateActivelySynced: RuleFamily = {
  rules: [synced],
  judge: (evidence, ledger) =>
    evidence.exchanges.flatMap((exchange) =>
      exchange.name === 'query-block-jobs' ? judgeQuery(evidence, exchange, ledger) : [],
    ),
};

function judgeQuery(evidence: Evidence, query: Exchange, ledger: Ledger): Violation[] {
  const { reply: at, notBefore } = query;
  const answer = replyOf(evidence, query)?.return;
  if (at === undefined || !Array.isArray(answer)) return [];
  const { unknown } = disturbancesOf(evidence);
  return answer.filter(isJsonObject).flatMap((entry): Violation[] => {
    const value = entry['actively-synced'];
    const life = typeof entry.device === 'string' ? jobsOf(evidence).lifeAt(entry.device, at) : undefined;
    const start = evidence.bySent.get(life?.startedBy ?? opening);
    if (typeof value !== 'boolean' || start?.args['copy-mode'] !== 'write-blocking' || !life) return [];
    const [ready] = eventsNamed(life, 'BLOCK_JOB_READY');
    if (!ready || ready.at > at) return [];
    // In an iothread it says READY a moment before.
    const isClose =
      ready.at > notBefore ||
      (evidence.opened.sequence.arena.iothreads ?? []).length > 0 ||
      hasChangeUnderWay(evidence, ready.at);
    const why = at >= unknown.from ? unknown : metError(life) ? 'error met' : isClose ? 'race' : undefined;
    if (why) {
      ledger.undecided(synced, why);
      return [];
    }
    if (value) {
      ledger.held(synced);
      return [];
    }
    const facts = {
      shape: 'shown',
      query: query.name,
      what: 'member',
      ...who(life),
      member: 'actively-synced',
      value,
      wanted: { is: 'flag', value: true },
    } as const;
    return [{ rule: synced, at, ...stepOf(query), facts }];
  });
}

/**
 * Seen once in 600 sequences of 11.1: such a request ended after READY, was not written to the target, and the mirror was
 * no more in sync. Whether it had passed the filter before the job was there, nothing tells.
 */
function hasChangeUnderWay({ trace }: Evidence, at: Place): boolean {
  const under = new Set<number>();
  for (const seen of trace.slice(0, at)) {
    if (seen.kind === 'guest-begin' && seen.op.op !== 'read' && seen.op.op !== 'flush')
      under.add(seen.request);
    if (seen.kind === 'guest-end') under.delete(seen.request);
  }
  return under.size > 0;
}
