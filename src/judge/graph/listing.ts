import { clearNode, type Graph, sureNode, usersOf } from '../../model/graph/graph.ts';
import { ideNothing } from '../../sequence/device-names.ts';
import { isJsonObject, type JsonObject } from '../../sequence/json-object.ts';
import type { Json } from '../../sequence/step.ts';
import type { Place } from '../../trace/place.ts';
import type { ShownFact } from '../facts/shown.ts';
import type { Ledger } from '../ledger.ts';
import type { Rule } from '../rule.ts';
import { compareSizes, filterSize } from './filter-sizes.ts';

const nodes: Rule = {
  name: 'graph/nodes-listed',
  kind: 'state',
  statement:
    'query-named-block-nodes lists every node that was made and not deleted, and none by a name that nobody gave or that is gone.',
  source:
    'qapi/block-core.json (QEMU 10.0), query-named-block-nodes: "Get the named block driver list"; against the commands and job events before it',
};
const exportsListed: Rule = {
  name: 'graph/exports-listed',
  kind: 'state',
  statement:
    'query-block-exports lists every export that was added and not removed, and no other, each on the node that it stands on: after a pivot, the target.',
  source:
    'qapi/block-export.json (QEMU 10.0), query-block-exports: "A list of BlockExportInfo describing all block exports"; BLOCK_EXPORT_DELETED; block-job-complete switches to the target',
};
const bitmapsListed: Rule = {
  name: 'graph/bitmaps-listed',
  kind: 'state',
  statement:
    'query-named-block-nodes shows of a node the named dirty bitmaps that were added and not removed, each as recording and with the granularity that it was given.',
  source:
    'qapi/block-core.json (QEMU 10.0), BlockDirtyInfo: "true if the bitmap is recording new writes from the guest."; block-dirty-bitmap-add, -enable, -disable, -remove',
};

export const listingRules: Readonly<Record<'all' | 'nodes' | 'exports', readonly Rule[]>> = {
  all: [nodes, exportsListed, bitmapsListed, filterSize],
  nodes: [nodes, bitmapsListed, filterSize],
  exports: [exportsListed],
};

export type Contradiction = { rule: Rule; facts: ShownFact };

/** Where a query's answer is not what the graph says; `notBefore` as for commands. */
export function compareListing(
  graph: Graph,
  query: string,
  answer: Json,
  notBefore: Place,
  ledger: Ledger,
): Contradiction[] {
  if (!Array.isArray(answer)) return [];
  const entries = answer.filter(isJsonObject);
  if (query === 'query-named-block-nodes') {
    const wrong = compareNodes(graph, entries, notBefore);
    if (wrong.length === 0) ledger.held(nodes);
    return [
      ...wrong,
      ...entries.flatMap((entry) => compareBitmaps(graph, entry, notBefore, ledger)),
      ...compareSizes(graph, entries, notBefore, ledger),
    ];
  }
  if (query !== 'query-block-exports') return [];
  const wrong = compareExports(graph, entries, notBefore, ledger);
  if (wrong.length === 0) ledger.held(exportsListed);
  return wrong;
}

const nodeQuery = { shape: 'shown', query: 'query-named-block-nodes' } as const;

type Mistake<T = ShownFact> = T extends ShownFact ? Omit<T, 'shape' | 'query'> : never;

const shownWith = (
  bitmap: string,
  node: string,
  member: 'recording' | 'granularity',
  value: Json,
): Mistake => ({ what: 'bitmap member', bitmap, node, member, value });

function compareNodes(graph: Graph, entries: JsonObject[], notBefore: Place): Contradiction[] {
  const shown = new Set(entries.map((entry) => entry['node-name']));
  const missing = [...graph.nodes.values()].filter(
    ({ name, presence, changedAt }) => presence === 'sure' && changedAt < notBefore && !shown.has(name),
  );
  const unknown = [...shown].filter(
    (name) =>
      typeof name === 'string' &&
      !name.startsWith('#') &&
      name !== ideNothing && // the session's own
      !graph.nodes.has(name) &&
      (graph.vanished.get(name) ?? -1) < notBefore,
  );
  return [
    ...missing.map(({ name }) => ({
      rule: nodes,
      facts: {
        ...nodeQuery,
        what: 'node' as const,
        node: name,
        listed: false,
        why: 'not taken away' as const,
      },
    })),
    ...unknown.map((name) => ({
      rule: nodes,
      facts: {
        ...nodeQuery,
        what: 'node' as const,
        node: String(name),
        listed: true,
        why: 'unknown' as const,
      },
    })),
  ];
}

function compareExports(
  graph: Graph,
  entries: JsonObject[],
  notBefore: Place,
  ledger: Ledger,
): Contradiction[] {
  const shown = new Map(entries.map((entry) => [entry.id, entry]));
  const found: Contradiction[] = [];
  const report = (what: Mistake): void =>
    void found.push({
      rule: exportsListed,
      facts: { shape: 'shown', query: 'query-block-exports', ...what },
    });
  for (const { id, node, presence } of graph.exports.values()) {
    const entry = shown.get(id);
    if (!entry && presence === 'sure') report({ what: 'export', export: id, listed: false });
    const below = clearNode(graph, node);
    if (entry && !below) ledger.undecided(exportsListed, 'part of the graph');
    const settled = below && below.changedAt < notBefore && ![...usersOf(graph, node)].some(isJob);
    if (entry && settled && presence === 'sure' && entry['node-name'] !== node)
      report({ what: 'place', export: id, on: String(entry['node-name']), not: node });
  }
  for (const id of shown.keys()) {
    const gone = graph.vanished.get(`export ${id}`) ?? -1;
    if (typeof id === 'string' && !graph.exports.has(id) && gone < notBefore)
      report({ what: 'export', export: id, listed: true });
  }
  return found;
}

/** A running job stands between an export and its node. */
const isJob = ({ kind }: { kind: string }): boolean => kind === 'job';

function compareBitmaps(graph: Graph, entry: JsonObject, notBefore: Place, ledger: Ledger): Contradiction[] {
  const node = sureNode(graph, entry['node-name']);
  const list = Array.isArray(entry['dirty-bitmaps']) ? entry['dirty-bitmaps'].filter(isJsonObject) : [];
  const why = !node?.bitmaps
    ? 'part of the graph'
    : node.changedAt >= notBefore || [...usersOf(graph, node.name)].some(isJob)
      ? 'race'
      : undefined;
  if (!node?.bitmaps || why) {
    const isAbout = list.length > 0 || (node?.bitmaps?.size ?? 0) > 0;
    if (isAbout) ledger.undecided(bitmapsListed, why ?? 'part of the graph');
    return [];
  }
  const named = new Map(
    list.filter(({ name }) => name !== undefined && name !== '').map((each) => [each.name, each]),
  );
  const found: Contradiction[] = [];
  const report = (what: Mistake): void =>
    void found.push({ rule: bitmapsListed, facts: { ...nodeQuery, ...what } });
  const on = node.name;
  for (const [name, { recording, granularityBytes }] of node.bitmaps) {
    const shown = named.get(name);
    if (!shown) report({ what: 'bitmap', bitmap: name, node: on, listed: false });
    else if (recording !== undefined && typeof shown.recording === 'boolean' && shown.recording !== recording)
      report(shownWith(name, on, 'recording', shown.recording));
    else if (granularityBytes !== undefined && shown.granularity !== granularityBytes)
      report(shownWith(name, on, 'granularity', shown.granularity ?? null));
  }
  for (const name of named.keys())
    if (!node.bitmaps.has(String(name)))
      report({ what: 'bitmap', bitmap: String(name), node: on, listed: true });
  if (found.length === 0 && named.size > 0) ledger.held(bitmapsListed);
  return found;
}
