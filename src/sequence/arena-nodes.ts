import { type Arena, type ArenaNode, nodeName } from './arena.ts';
import type { Complain } from './coherent.ts';

/** What the types can't say of the arena's nodes and of its throttle groups: names that differ, and names that exist. */
export function checkNodes({ disks, nodes = [], throttleGroups = [] }: Arena, complain: Complain): void {
  const open = disks.filter((disk) => disk.open !== false);
  const known = new Set(open.map(({ name }) => name));
  nodes.forEach((node, i) => {
    const name = nodeName(node);
    const wrong = (field: string, message: string): never => complain(['arena', 'nodes', i, field], message);
    if (known.has(name) || disks.some((disk) => name === disk.name || name.startsWith(`${disk.name}-`)))
      wrong('node-name', `"${name}" is the name of a disk, of one of its nodes, or of a node before`);
    for (const [field, child] of childrenOf(node))
      if (!known.has(child) && !open.some((disk) => child.startsWith(`${disk.name}-`)))
        wrong(field, `no open disk "${child}", nor a node of that name, stands before this one`);
    const group = node['throttle-group'];
    if (group !== undefined && !throttleGroups.includes(`${group}`))
      wrong('throttle-group', `the arena has no throttle group "${group}"`);
    known.add(name);
  });
  disks.forEach(({ through, frontend, layers = [] }, i) => {
    const wrong = (field: string, message: string): never => complain(['arena', 'disks', i, field], message);
    if (through !== undefined && !nodes.some((node) => nodeName(node) === through))
      wrong('through', `the arena has no node "${through}"`);
    if (through !== undefined && frontend !== 'nbd')
      wrong('through', 'only an export stands on another node: nbd');
    for (const layer of layers) {
      const group = 'throttle' in layer ? layer.throttle.group : undefined;
      if (group !== undefined && !throttleGroups.includes(group))
        wrong('layers', `the arena has no throttle group "${group}"`);
    }
  });
}

/** Nodes that such a node stands on, by the member that names each. */
export function childrenOf(node: ArenaNode): [member: string, child: string][] {
  return Object.entries(node).flatMap(([member, value]): [string, string][] => {
    if (member === 'children' && Array.isArray(value)) return value.map((child) => [member, `${child}`]);
    return childMembers.has(member) && typeof value === 'string' ? [[member, value]] : [];
  });
}

const childMembers: ReadonlySet<string> = new Set([
  'file',
  'image',
  'target',
  'test',
  'raw',
  'log',
  'bottom',
]);
