import { addedNode } from './add-node.ts';
import { type Graph, use } from './graph.ts';

/** HMP's drive_add with the options that stand in its line; undefined for a line that is none. */
export function applyDriveAdd(graph: Graph, line: string): boolean {
  const match = /^drive_add\s+\S+\s+"?((?:[^"\\]|\\.)*)"?\s*$/.exec(line);
  if (!match?.[1] || /json:|backing|file\./.test(match[1])) return false;
  const options = new Map(
    match[1]
      .replaceAll(',,', '\0')
      .split(',')
      .map((each) => each.split('=') as [string, string]),
  );
  const id = options.get('id');
  const node = options.get('node-name');
  if (id === undefined || options.get('if') !== 'none') return false;
  graph.drives.set(id, { node });
  if (node === undefined) return true;
  const filename = options.get('file')?.replaceAll('\0', ',');
  const readOnly = options.get('read-only') === 'on' || options.get('readonly') === 'on';
  const driver = options.get('format') ?? options.get('driver');
  addedNode(graph, {
    'node-name': node,
    ...(driver === undefined ? {} : { driver }),
    'read-only': readOnly,
    ...(filename === undefined ? {} : { file: { driver: 'file', filename } }),
  });
  const added = graph.nodes.get(node);
  if (added) added.owned = false;
  use(graph, node, { kind: 'drive', name: id });
  return true;
}
