import type { ByteRange } from '../../model/content/byte-ranges.ts';
import type { Window } from '../../model/content/guest-history.ts';
import { isJsonObject, type JsonObject } from '../../sequence/json-object.ts';
import type { Place } from '../../trace/place.ts';
import { type Evidence, replyOf } from '../reading/evidence.ts';
import { stepOf } from '../validation/refusal.ts';

/** A look at a bitmap: how many bytes are dirty, by a query, or which, by an NBD client or in the image's file. */
export type Look = {
  at: Place;
  step: { step?: number };
  node: string;
  bitmap: string;
  grainBytes: number;
  window: Window;
  query: string;
} & ({ countBytes: number } | { dirty: readonly ByteRange[] });

export const showsBitmaps = (evidence: Evidence): boolean =>
  looksOf(evidence).length > 0 || evidence.trace.some(({ kind }) => kind === 'stored-bitmaps');

const read = new WeakMap<Evidence, Look[]>();

/** Every look while QEMU lived, found once for each trace. */
export function looksOf(evidence: Evidence): Look[] {
  const known = read.get(evidence) ?? [...counts(evidence), ...readings(evidence)];
  read.set(evidence, known);
  return known;
}

/** The granularity of each bitmap that was looked at, by `node bitmap`. */
export const grainsSeen = (evidence: Evidence): Map<string, number> =>
  new Map(looksOf(evidence).map(({ node, bitmap, grainBytes }) => [`${node} ${bitmap}`, grainBytes]));

/** What QEMU answers to query-named-block-nodes and query-block. */
function counts(evidence: Evidence): Look[] {
  return evidence.exchanges.flatMap((exchange): Look[] => {
    const { name: query, reply: at, notBefore: from } = exchange;
    if (query !== 'query-named-block-nodes' && query !== 'query-block') return [];
    const answer = replyOf(evidence, exchange)?.return;
    if (at === undefined || !Array.isArray(answer)) return [];
    const how = { at, step: stepOf(exchange), window: { from, to: at }, query };
    return answer.filter(isJsonObject).flatMap((entry) => {
      const shown = query === 'query-block' ? entry.inserted : entry;
      return isJsonObject(shown) ? countsOf(shown).map((each) => ({ ...how, ...each })) : [];
    });
  });
}

function countsOf({
  'node-name': node,
  'dirty-bitmaps': list,
}: JsonObject): Omit<Look & { countBytes: number }, 'at' | 'step' | 'window' | 'query'>[] {
  if (typeof node !== 'string' || !Array.isArray(list)) return [];
  return list
    .filter(isJsonObject)
    .flatMap(({ name, count, granularity, inconsistent }) =>
      typeof name === 'string' &&
      typeof count === 'number' &&
      typeof granularity === 'number' &&
      inconsistent !== true
        ? [{ node, bitmap: name, countBytes: count, grainBytes: granularity }]
        : [],
    );
}

/** What was read by an NBD client: the bitmaps have not changed since their export was asked for. */
function readings({ trace, exchanges }: Evidence): Look[] {
  return trace.flatMap((seen, at): Look[] => {
    if (seen.kind !== 'bitmap') return [];
    const asked = exchanges.findLast(({ name, sent }) => name === 'block-export-add' && sent < at);
    const { node, bitmap, granularityBytes: grainBytes } = seen;
    const dirty = seen.dirty.map(([from, length]) => ({ from, to: from + length }));
    return asked
      ? [
          {
            at,
            step: {},
            node,
            bitmap,
            grainBytes,
            dirty,
            window: { from: asked.notBefore, to: at },
            query: 'block-export-add',
          },
        ]
      : [];
  });
}
