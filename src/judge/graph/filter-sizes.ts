import { clearNode, filterDrivers, type Graph } from '../../model/graph/graph.ts';
import { isJsonObject, type JsonObject } from '../../sequence/json-object.ts';
import type { Place } from '../../trace/place.ts';
import type { ShownFact } from '../facts/shown.ts';
import type { Ledger } from '../ledger.ts';
import type { Rule } from '../rule.ts';

export const filterSize: Rule = {
  name: 'graph/filter-size',
  kind: 'state',
  statement:
    'query-named-block-nodes shows of a filter over a disk the virtual size of that disk, also once it was resized.',
  source:
    'we expect it: a filter passes on what it is asked, so that jobs on it see the whole disk; from 10.2 on a resize of a node reaches the filters above it (block.c, "block: implement resize callback for child_of_bds class")',
};

/** Where a query shows a filter of another size than its child; `notBefore` as for commands. */
export function compareSizes(
  graph: Graph,
  entries: readonly JsonObject[],
  notBefore: Place,
  ledger: Ledger,
): { rule: Rule; facts: ShownFact }[] {
  const shown = new Map(entries.map((entry) => [entry['node-name'], entry]));
  return entries.flatMap((entry) => {
    const child = diskBelow(graph, entry['node-name'], notBefore);
    const [sizeBytes, childBytes] = [sizeOf(entry), sizeOf(shown.get(child))];
    if (child === undefined || sizeBytes === undefined || childBytes === undefined) return [];
    if (sizeBytes === childBytes) {
      ledger.held(filterSize);
      return [];
    }
    const node = String(entry['node-name']);
    const driver = String(entry.drv);
    return [
      {
        rule: filterSize,
        facts: {
          shape: 'shown',
          query: 'query-named-block-nodes',
          what: 'size',
          node,
          driver,
          sizeBytes,
          child,
          childBytes,
        },
      },
    ];
  });
}

/**
 * The node that a filter passes requests on to, where that is a disk: a file below grows while it is written to, by one
 * node after the other. `preallocate` shows less than its file has.
 */
function diskBelow(graph: Graph, name: unknown, notBefore: Place): string | undefined {
  const filter = clearNode(graph, name);
  if (!filter || !filterDrivers.has(filter.driver ?? '') || filter.driver === 'preallocate') return undefined;
  const child = clearNode(graph, filter.children.get('file') ?? filter.children.get('image'));
  const isStill = child && filter.changedAt < notBefore && child.changedAt < notBefore;
  const isDisk =
    child?.driver === 'raw' || child?.driver === 'qcow2' || filterDrivers.has(child?.driver ?? '');
  return isStill && isDisk ? child.name : undefined;
}

function sizeOf(entry: JsonObject | undefined): number | undefined {
  const image = entry?.image;
  const size = isJsonObject(image) ? image['virtual-size'] : undefined;
  return typeof size === 'number' ? size : undefined;
}
