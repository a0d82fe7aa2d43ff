import type { CardChange } from '../../qemu/card.ts';
import { cardOf } from '../../qemu/cards.ts';
import { isJsonObject } from '../../sequence/json-object.ts';
import type { Json } from '../../sequence/step.ts';
import { addedNode } from './add-node.ts';
import { dropUser, entangle, reaches, removeNode } from './change.ts';
import { exported, exportMayGo } from './exports.ts';
import { type Bitmap, type Graph, type GraphNode, lookUp, use } from './graph.ts';
import { reopened } from './reopen.ts';

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
