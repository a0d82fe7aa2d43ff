import { anything, type Content } from '../content.ts';
import type { DoneCommand } from '../follow.ts';
import { loseAll } from '../image-changes.ts';
import type { ImageGraph } from '../image-graph.ts';
import { isLost, nodesBelow } from '../image-lookups.ts';

/**
 * `qom-set` of a device's `drive`: followed where the guest comes to stand on a node that passes on what the one before
 * did, or on one that that one passed on.
 */
export function moveDevice(graph: ImageGraph, { args, done }: DoneCommand): void {
  if (args.property !== 'drive') return;
  const to = `${args.value}`;
  const disk = [...graph.disks.values()].find(({ name }) => `${args.path}`.includes(`/guest-${name}/`));
  const was = disk ? nodesBelow(graph, disk.root) : [];
  const are = nodesBelow(graph, to);
  if (!disk || isLost(disk) || !(are.includes(disk.root) || was.includes(to))) {
    loseAll(graph);
    return;
  }
  for (const name of are.filter((each) => !was.includes(each))) widen(graph, name, disk.name, done);
  // From now on the guest writes beside what was to keep the past.
  for (const name of was.filter((each) => !are.includes(each))) keepsAs(graph, name, () => anything);
  disk.root = to;
  disk.changedAt = done;
}

/** The filter has kept nothing of what the guest overwrote before it stood on it. */
function widen(graph: ImageGraph, name: string, disk: string, to: number): void {
  keepsAs(graph, name, (before) =>
    before.is === 'disk' && before.disk === disk ? { ...before, window: { ...before.window, to } } : before,
  );
}

/** What a copy-before-write node keeps, and what shows it, is another from now on. */
function keepsAs(graph: ImageGraph, name: string, other: (before: Content) => Content): void {
  const node = graph.nodes.get(name);
  if (!node || !('on' in node) || !node.before) return;
  const { before } = node;
  node.before = other(before);
  for (const image of graph.images.values())
    if (image.viewOf !== undefined && image.settled.content === before)
      image.settled = { ...image.settled, content: node.before };
}
