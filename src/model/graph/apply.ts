import type { CardChange } from '../../qemu/card.ts';
import { cardOf } from '../../qemu/cards.ts';
import { isJsonObject, type JsonObject } from '../../sequence/json-object.ts';
import type { Json } from '../../sequence/step.ts';
import { addedNode, childRoles } from './add-node.ts';
import { dropUser, entangle, reaches, removeNode } from './change.ts';
import {
  type Bitmap,
  type BlockExport,
  type Graph,
  type GraphNode,
  lookUp,
  type User,
  use,
} from './graph.ts';

type Args = Record<string, Json>;

/**
 * What a command that succeeded did to the graph; false for one that the model does not follow. Starts of jobs are
 * jobs.ts's. `at`: its place in the trace.
 */
export function applyCommand(graph: Graph, name: string, args: Args, at: number): boolean {
  const card = cardOf(name);
  if (card?.change) change(graph, card.change, args, at);
  return card?.change !== undefined || card?.verb !== undefined || harmless.test(name);
}

/** Other commands that change nothing that the model knows of. */
const harmless =
  /^(query-.*|qom-(get|set|list|list-types|list-properties)|object-(add|del)|block_set_io_throttle|block-(set-write-threshold|latency-histogram-set)|x-debug-.*|qmp_capabilities|trace-event-.*|chardev-.*|system_reset|cont|stop|migrate(_cancel|-.*)?|blockdev-snapshot-(delete-)?internal-sync|getfd|closefd|.*-fd|device-list-properties|set-action|ringbuf-.*|screendump|inject-nmi|expire_password|x-query-.*)$/;

function change(graph: Graph, made: CardChange, args: Args, at: number): void {
  switch (made.kind) {
    case 'adds node':
      addedNode(graph, args);
      return;
    case 'deletes node':
      deleted(graph, String(args[made.node]));
      return;
    case 'reopens': {
      const options = Array.isArray(args.options) ? args.options : [args];
      for (const each of options) if (isJsonObject(each)) reopened(graph, each, at);
      return;
    }
    case 'resizes':
      resized(graph, args);
      return;
    case 'sets active':
      activated(graph, args);
      return;
    case 'overlays':
      forgetImages(graph);
      // Of two names QEMU takes the one that it finds first: either node may be covered.
      for (const member of made.over) entangle(graph, lookUp(graph, args[member]), at);
      if (made.makes) mayBe(graph, args[made.overlay]);
      else entangle(graph, lookUp(graph, args[made.overlay]), at);
      return;
    case 'names backing file':
    case 'creates image':
      forgetImages(graph);
      return;
    case 'asks device to go':
      // It goes in its own time, and a controller takes its disks along.
      for (const users of graph.users.values())
        for (const user of users) if (user.kind === 'device') user.leaving = true;
      return;
    case 'sets property':
      driveSet(graph, args, at);
      return;
    case 'adds device': {
      const { id, drive } = args;
      if (typeof drive === 'string' && graph.nodes.has(drive))
        use(graph, drive, { kind: 'device', name: String(id) });
      return;
    }
    case 'bitmap':
      bitmapChanged(graph, made.does, args);
      return;
    case 'export':
      if (made.does === 'add') exported(graph, args);
      else exportMayGo(graph, args);
      return;
    case 'nbd server':
      graph.nbdServer = made.is;
      if (made.is === 'running') return;
      for (const each of graph.exports.values()) if (each.type === 'nbd') each.presence = 'maybe';
  }
}

/** DEVICE_DELETED: the device is gone, and its hold on its node. */
export function deviceGone(graph: Graph, id: string, at: number): void {
  for (const node of [...graph.users.keys()])
    dropUser(graph, node, (user) => user.kind === 'device' && user.name === id, at);
}

/** The property `drive` of a device that is there puts another node below it. */
function driveSet(graph: Graph, { path, property, value }: Args, at: number): void {
  const device = /^\/machine\/peripheral\/([^/]+)/.exec(String(path))?.[1];
  if (property !== 'drive' || device === undefined) return;
  deviceGone(graph, device, at);
  if (typeof value === 'string' && graph.nodes.has(value))
    use(graph, value, { kind: 'device', name: device });
}

function deleted(graph: Graph, name: string): void {
  const node = graph.nodes.get(name);
  if (node) node.owned = false;
  removeNode(graph, name);
}

/** A node's own size, and that of whatever stands on its image. */
function resized(graph: Graph, args: Args): void {
  // Of two names QEMU takes the one that it finds first: either may have another size.
  for (const name of [args.device, args['node-name']].filter((name) => name !== undefined)) {
    const node = graph.nodes.get(lookUp(graph, name) ?? '');
    for (const each of graph.nodes.values())
      if (each === node || each.image === node?.image) each.sizeBytes = undefined;
    if (node?.image) node.image.sizeBytes = undefined;
  }
}

function activated(graph: Graph, { 'node-name': named, active }: Args): void {
  for (const node of graph.nodes.values()) {
    if (named === node.name) node.active = active === true;
    // Children follow if they can.
    else if (typeof named !== 'string' || reaches(graph, named, node.name)) activityUnknown(node);
    else continue;
    // Persistent bitmaps go into the image with its activity.
    if (node.bitmaps && [...node.bitmaps.values()].some(({ persistent }) => persistent))
      node.bitmaps = undefined;
  }
}

function bitmapChanged(
  graph: Graph,
  does: Extract<CardChange, { kind: 'bitmap' }>['does'],
  args: Args,
): void {
  const { node, name, persistent, disabled, granularity } = args;
  switch (does) {
    case 'add':
      if (persistent === true) forgetImages(graph);
      bitmapsOf(graph, node)?.set(String(name), {
        persistent: persistent === true,
        recording: disabled !== true,
        granularityBytes: typeof granularity === 'number' ? granularity : undefined,
      });
      return;
    case 'remove':
      bitmapsOf(graph, node)?.delete(String(name));
      return;
    case 'enable':
    case 'disable':
      recording(graph, args, does === 'enable');
      return;
    case 'clear':
    case 'merge':
      return;
  }
}

function exported(graph: Graph, { id, type, name, 'node-name': node }: Args): void {
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

function exportMayGo(graph: Graph, { id }: Args): void {
  const known = graph.exports.get(String(id));
  if (known) known.presence = 'maybe';
}

/** Every node may be inactive from here on, and its bitmaps may be the migration's. */
export function migrates(graph: Graph, since: number): void {
  for (const node of graph.nodes.values()) {
    if (node.active === true) graph.asleep.add(node.name);
    node.active = undefined;
    node.bitmaps = undefined;
  }
  graph.migration = { is: 'under way', since };
}

/** Those that a migration has taken are active again. */
export function wakes(graph: Graph): void {
  for (const name of graph.asleep) {
    const node = graph.nodes.get(name);
    if (node) node.active = true;
  }
  graph.asleep.clear();
  graph.migration = { is: 'none' };
}

export function activityUnknown(node: GraphNode): void {
  node.active = undefined;
}

/** BLOCK_EXPORT_DELETED: the export is gone, and its hold on the node. */
export function exportGone(graph: Graph, id: string, at: number): void {
  const known = graph.exports.get(id);
  if (!known) return;
  graph.exports.delete(id);
  dropUser(graph, known.node, (user) => user.kind === 'export' && user.name === id, at);
}

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

/**
 * Options that are not given again go back to their defaults, but children stay (bdrv_reopen_parse_file_or_backing):
 * a text puts another there, null none, and an object gives options to the one that is there.
 */
function reopened(graph: Graph, options: JsonObject, at: number): void {
  const node = graph.nodes.get(String(options['node-name']));
  if (!node) return;
  const roles = childRoles(options);
  for (const [role, child] of roles) if (typeof child === 'string') replaceChild(graph, node, role, child);
  if (options.backing === null) replaceChild(graph, node, 'backing', undefined);
  if (roles.some(([, value]) => typeof value !== 'string')) entangle(graph, node.name, at);
  else node.readOnly = options['read-only'] === true;
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

function recording(graph: Graph, { node, name }: Args, on: boolean): void {
  const bitmap = bitmapsOf(graph, node)?.get(String(name));
  if (bitmap) bitmap.recording = on;
}

/** A drive's root may be a job's filter, and then the bitmap is the filter's: not followed. */
function bitmapsOf(graph: Graph, name: Json | undefined): Map<string, Bitmap> | undefined {
  const node = graph.nodes.get(lookUp(graph, name) ?? '');
  if (node && graph.drives.has(String(name))) node.bitmaps = undefined;
  return node?.bitmaps;
}

/** From here on an image may have another backing file, or bitmaps of its own. */
export function forgetImages(graph: Graph): void {
  graph.images.clear();
}

/** A node of that name may be there. */
export function mayBe(graph: Graph, name: Json | undefined): void {
  if (typeof name !== 'string' || graph.nodes.has(name)) return;
  addedNode(graph, { 'node-name': name });
  const node = graph.nodes.get(name);
  if (!node) return;
  node.owned = false;
  node.presence = 'maybe';
  node.entangled = true;
}
