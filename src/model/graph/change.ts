import { type Graph, type GraphNode, type User, use, usersOf } from './graph.ts';

/** Puts a node in, as the parent of its named children. */
export function addNode(graph: Graph, node: GraphNode): void {
  graph.nodes.set(node.name, node);
  for (const [role, child] of node.children) {
    if (child !== undefined) use(graph, child, { kind: 'node', name: node.name, role });
  }
}

/** Takes a node out, with the children that nobody else holds. */
export function removeNode(graph: Graph, name: string, at?: number): void {
  const node = graph.nodes.get(name);
  if (!node) return;
  graph.nodes.delete(name);
  graph.users.delete(name);
  if (at !== undefined) graph.vanished.set(name, at);
  dropChildren(graph, node, at);
}

export function dropChildren(graph: Graph, node: GraphNode, at?: number): void {
  const children = [...node.children.values()];
  node.children = new Map();
  for (const child of children) {
    if (child === undefined) continue;
    dropUser(graph, child, (user) => user.kind === 'node' && user.name === node.name, at);
  }
}

/** A node that nobody holds any more, and the monitor does not own, is gone. */
export function dropUser(graph: Graph, node: string, which: (user: User) => boolean, at?: number): void {
  const users = graph.users.get(node);
  if (users) for (const user of users) if (which(user)) users.delete(user);
  const left = graph.nodes.get(node);
  if (!left) return;
  if (at !== undefined) left.changedAt = at;
  if (left.owned || (users?.size ?? 0) > 0) return;
  if (left.entangled) left.presence = 'maybe';
  else removeNode(graph, node, at);
}

/** All parents of one node become those of another, as bdrv_replace_node does; jobs stay where they are. */
export function moveUsers(graph: Graph, from: string, to: string, at: number): void {
  for (const user of [...usersOf(graph, from)]) {
    // What would become its own ancestor stays (should_update_child).
    if (user.kind === 'job' || (user.kind === 'node' && reaches(graph, to, user.name))) continue;
    use(graph, to, user);
    if (user.kind === 'node') graph.nodes.get(user.name)?.children.set(user.role, to);
    if (user.kind === 'export') setExportNode(graph, user.name, to);
    if (user.kind === 'drive') graph.drives.set(user.name, { node: to });
    dropUser(graph, from, (each) => each === user, at);
  }
  const target = graph.nodes.get(to);
  if (target) target.changedAt = at;
}

function setExportNode(graph: Graph, id: string, node: string): void {
  const known = graph.exports.get(id);
  if (known) known.node = node;
}

/** Whether one node stands above another, or is it. */
export function reaches(graph: Graph, from: string, to: string): boolean {
  const seen = new Set<string>();
  const todo = [from];
  for (let name = todo.pop(); name !== undefined; name = todo.pop()) {
    if (name === to) return true;
    if (seen.has(name)) continue;
    seen.add(name);
    for (const child of graph.nodes.get(name)?.children.values() ?? [])
      if (child !== undefined) todo.push(child);
  }
  return false;
}

/** From here on nobody knows what holds a node, nor what it and those below it hold. */
export function entangle(graph: Graph, name: string | undefined, at: number): void {
  const node = name === undefined ? undefined : graph.nodes.get(name);
  if (!node) return;
  // A node that was opened with a chain of its own is entangled from the start, and there for certain until now.
  if (!node.owned) node.presence = 'maybe';
  // Whoever stands above it may have been moved to another.
  for (const user of usersOf(graph, node.name)) {
    if (user.kind === 'drive') graph.drives.set(user.name, { node: undefined });
    const exported = user.kind === 'export' ? graph.exports.get(user.name) : undefined;
    if (exported) exported.presence = 'maybe';
  }
  if (node.entangled) return;
  node.entangled = true;
  node.changedAt = at;
  node.sizeBytes = undefined;
  node.readOnly = undefined;
  for (const child of node.children.values()) entangle(graph, child, at);
  for (const user of usersOf(graph, node.name)) {
    if (user.kind === 'node') entangle(graph, user.name, at);
  }
}
