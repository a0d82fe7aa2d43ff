import type { Disk } from '../../sequence/arena.ts';
import type { JsonObject } from '../../sequence/json-object.ts';
import type { Sequence } from '../../sequence/sequence.ts';
import { addNode } from './effects/nodes.ts';
import type { DiskOfGuest, Image, ImageGraph, Node } from './image-graph.ts';
import { partOf } from './image-lookups.ts';
import { type FreshImage, fileOf } from './images.ts';

/** The graph as the arena makes it. `urls`: by disk, where a server has the image. */
export function openingGraph(
  { arena }: Sequence,
  fresh: ReadonlyMap<string, FreshImage>,
  urls: ReadonlyMap<string, string>,
): ImageGraph {
  const open = arena.disks.filter((disk) => disk.open !== false);
  const nodes = open.flatMap((disk): [string, Node][] => {
    const file = fileOf(disk);
    const layers = ['file', 'throttle', 'blkdebug', 'room', 'prealloc'].map((layer): [string, Node] => [
      `${disk.name}-${layer}`,
      { file, whole: false },
    ]);
    return [[disk.name, { file, whole: true }], ...layers];
  });
  const graph: ImageGraph = {
    images: new Map([...fresh.values()].map((image) => [image.file, untouched(image)])),
    nodes: new Map(nodes),
    served: new Map(
      arena.disks.flatMap((disk) => {
        const url = urls.get(disk.name);
        return url === undefined ? [] : [[url, fileOf(disk)]];
      }),
    ),
    disks: new Map(),
    jobs: new Map(),
    past: [],
    overwritten: [],
    now: 0,
    lostAt: Number.POSITIVE_INFINITY,
  };
  for (const args of arena.nodes ?? [])
    addNode(graph, { name: 'blockdev-add', args: args as JsonObject, sent: 0, done: 0 });
  for (const disk of open)
    if ((disk.frontend ?? 'none') !== 'none') graph.disks.set(disk.name, guestsDisk(graph, disk));
  return graph;
}

/** It lies on what its frontend's node shows; where that is not followed, nothing is known of it. */
function guestsDisk(graph: ImageGraph, disk: Disk): DiskOfGuest {
  const { name, through: root = name } = disk;
  const part = partOf(graph, root);
  const top = part?.file ?? fileOf(disk);
  return {
    name,
    drive: `drive-${name}`,
    top,
    root,
    lay: [{ file: top, since: 0 }],
    lostAt: part ? Number.POSITIVE_INFINITY : 0,
    changedAt: 0,
  };
}

function untouched({ file, format, sizeBytes, header, empty }: FreshImage): Image {
  return {
    file,
    format,
    sizeBytes,
    header,
    backing: header,
    apart: undefined,
    empty,
    settled: { by: 'untouched', content: { is: 'fresh', file }, why: '', flushed: true },
    writing: undefined,
  };
}
