import type { Window } from '../../model/content/guest-history.ts';
import type { ImageGraph } from '../../model/content/image-graph.ts';
import { isLost, nodesBelow } from '../../model/content/image-lookups.ts';
import { nowhere } from '../../trace/place.ts';

/** The nodes that a disk's requests pass, and when; undefined: any. `sure` lies within `may`. */
export type Way = { nodes: ReadonlySet<string> | undefined; may: Window; sure: Window };

export function noteWays(graph: ImageGraph, ways: ReadonlyMap<string, Way[]>, changed: Window): void {
  for (const disk of graph.disks.values()) {
    const list = ways.get(disk.name);
    const last = list?.at(-1);
    const nodes = isLost(disk) ? undefined : nodesBelow(graph, disk.root);
    if (!list || (last && nodes?.join() === (last.nodes && [...last.nodes].join()))) continue;
    if (last) {
      last.may.to = changed.to;
      last.sure.to = changed.from;
    }
    list.push({
      nodes: nodes && new Set(nodes),
      may: { from: changed.from, to: nowhere },
      sure: { from: changed.to, to: nowhere },
    });
  }
}

/** When requests pass the node, as far as that is known; what changes above or below it meanwhile does not matter. */
export function spansOn(ways: readonly Way[], node: string): { may: Window; sure: Window | undefined }[] {
  const spans: { may: Window; sure: Window | undefined }[] = [];
  let before: { may: Window; sure: Window } | undefined;
  for (const { nodes, may, sure } of ways) {
    const passes = nodes?.has(node);
    if (passes === true && before) {
      before.may.to = may.to;
      before.sure.to = sure.to;
      continue;
    }
    before = passes ? { may: { ...may }, sure: { ...sure } } : undefined;
    if (before) spans.push(before);
    else if (!nodes) spans.push({ may, sure: undefined });
  }
  return spans;
}
