import type { JsonObject } from '../../sequence/json-object.ts';
import { childRoles } from './add-node.ts';
import { dropUser, entangle } from './change.ts';
import { type Graph, type GraphNode, type User, use } from './graph.ts';

/**
 * Options that are not given again go back to their defaults, but children stay (bdrv_reopen_parse_file_or_backing):
 * a text puts another there, null none, and an object gives options to the one that is there.
 */
export function reopened(graph: Graph, options: JsonObject, at: number): void {
  const node = graph.nodes.get(String(options['node-name']));
  if (!node) return;
  const roles = childRoles(options);
  for (const [role, child] of roles) if (typeof child === 'string') replaceChild(graph, node, role, child);
  if (options.backing === null) replaceChild(graph, node, 'backing', undefined);
  if (options.active === false) mayBeInactive(node);
  if (roles.some(([, value]) => typeof value !== 'string')) entangle(graph, node.name, at);
  else node.readOnly = options['read-only'] === true;
}

/** QEMU 10.0 makes it so, though `active` reads like an option of blockdev-add alone; its persistent bitmaps go into the image. */
function mayBeInactive(node: GraphNode): void {
  node.active = undefined;
  if (node.bitmaps && [...node.bitmaps.values()].some(({ persistent }) => persistent))
    node.bitmaps = undefined;
}

function replaceChild(graph: Graph, node: GraphNode, role: string, child: string | undefined): void {
  const before = node.children.get(role);
  if (before === child) return;
  if (child === undefined) node.children.delete(role);
  else {
    node.children.set(role, child);
    use(graph, child, { kind: 'node', name: node.name, role });
  }
  const isOld = (user: User): boolean =>
    user.kind === 'node' && user.name === node.name && user.role === role;
  if (before !== undefined) dropUser(graph, before, isOld);
}
