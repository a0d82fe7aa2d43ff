import { isJsonObject } from '../../sequence/json-object.ts';
import { nowhere, opening, type Place } from '../../trace/place.ts';
import type { Ledger } from '../ledger.ts';
import { type Evidence, type Exchange, replyOf } from '../reading/evidence.ts';
import { disturbancesOf } from '../reading/undecided-from.ts';
import type { Rule, RuleFamily, Violation } from '../rule.ts';
import { stepOf } from '../validation/refusal.ts';

const announced: Rule = {
  name: 'graph/export-gone-announced',
  kind: 'state',
  statement: 'Of an export that was added and is not listed any more BLOCK_EXPORT_DELETED says so.',
  source:
    'qapi/block-export.json (QEMU 10.0), BLOCK_EXPORT_DELETED: "Emitted when a block export is removed and its id can be reused."',
};

/** Whoever waits for that event before the node is used again waits for ever. */
export const exportGone: RuleFamily = {
  rules: [announced],
  judge(evidence, ledger) {
    const missed = new Set<string>();
    return evidence.exchanges.flatMap((exchange): Violation[] =>
      exchange.name === 'query-block-exports' ? judgeListing(evidence, exchange, missed, ledger) : [],
    );
  },
};

function judgeListing(evidence: Evidence, query: Exchange, missed: Set<string>, ledger: Ledger): Violation[] {
  const { sent, reply: at } = query;
  const answer = replyOf(evidence, query)?.return;
  if (at === undefined || !Array.isArray(answer)) return [];
  const listed = new Set(answer.filter(isJsonObject).map(({ id }) => id));
  const gone = addedBefore(evidence, sent).filter(({ id }) => !listed.has(id) && !missed.has(id));
  const { either } = disturbancesOf(evidence);
  return gone.flatMap(({ id, from }): Violation[] => {
    if (at >= either.from) {
      ledger.undecided(announced, either);
      return [];
    }
    if (isAnnounced(evidence, id, from)) {
      ledger.held(announced);
      return [];
    }
    // The event is sent a moment after the export has left the list.
    if (!isAnsweredAfter(evidence, at)) {
      ledger.undecided(announced, 'trace ends');
      return [];
    }
    missed.add(id);
    const facts = { shape: 'shown', query: query.name, what: 'export gone', export: id } as const;
    return [{ rule: announced, at, ...stepOf(query), facts }];
  });
}

/** The last time that each export was added, by then. */
function addedBefore(evidence: Evidence, before: Place): { id: string; from: Place }[] {
  const added = new Map<string, Place>();
  for (const exchange of evidence.exchanges) {
    const { name, args, sent, reply = nowhere } = exchange;
    if (name !== 'block-export-add' || reply > before || replyOf(evidence, exchange)?.error) continue;
    if (typeof args.id === 'string') added.set(args.id, sent);
  }
  return [...added].map(([id, from]) => ({ id, from }));
}

const isAnnounced = ({ trace }: Evidence, id: string, from: Place): boolean =>
  trace.some(
    (seen, at) =>
      at > from && seen.kind === 'event' && seen.name === 'BLOCK_EXPORT_DELETED' && seen.data.id === id,
  );

const isAnsweredAfter = ({ exchanges }: Evidence, at: Place): boolean =>
  exchanges.some(({ sent, reply = opening }) => sent > at && reply > at);
