import type { Json } from '../../sequence/step.ts';
import { dropUser } from './change.ts';
import { type BlockExport, type Graph, use } from './graph.ts';

type Args = Record<string, Json>;

/** An export that was added. */
export function exported(graph: Graph, { id, type, name, 'node-name': node }: Args): void {
  const added: BlockExport = {
    id: String(id),
    type: String(type),
    name: String(name ?? node),
    node: String(node),
    presence: 'sure',
  };
  graph.exports.set(added.id, added);
  use(graph, added.node, { kind: 'export', name: added.id });
  // An export needs its node active, and makes it so.
  const below = graph.nodes.get(added.node);
  if (below) below.active = below.active === true ? true : undefined;
}

/** One that was asked to go: it goes when its clients have. */
export function exportMayGo(graph: Graph, { id }: Args): void {
  const known = graph.exports.get(String(id));
  if (known) known.presence = 'maybe';
}

/** BLOCK_EXPORT_DELETED: the export is gone, and its hold on the node. */
export function exportGone(graph: Graph, id: string, at: number): void {
  const known = graph.exports.get(id);
  if (!known) return;
  graph.exports.delete(id);
  dropUser(graph, known.node, (user) => user.kind === 'export' && user.name === id, at);
}
