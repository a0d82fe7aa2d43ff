import type { Sequence } from '../../sequence/sequence.ts';
import type { DiskOfGuest, Image, ImageGraph, Node } from './image-graph.ts';
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
    const layers = ['file', 'throttle', 'blkdebug', 'room'].map((layer): [string, Node] => [
      `${disk.name}-${layer}`,
      { file, whole: false },
    ]);
    return [[disk.name, { file, whole: true }], ...layers];
  });
  const disks = open
    .filter(({ frontend }) => frontend !== undefined && frontend !== 'none')
    .map((disk): [string, DiskOfGuest] => [
      disk.name,
      {
        name: disk.name,
        drive: `drive-${disk.name}`,
        top: fileOf(disk),
        lay: [{ file: fileOf(disk), since: 0 }],
        lostAt: Number.POSITIVE_INFINITY,
        changedAt: 0,
      },
    ]);
  return {
    images: new Map([...fresh.values()].map((image) => [image.file, untouched(image)])),
    nodes: new Map(nodes),
    served: new Map(
      arena.disks.flatMap((disk) => {
        const url = urls.get(disk.name);
        return url === undefined ? [] : [[url, fileOf(disk)]];
      }),
    ),
    disks: new Map(disks),
    jobs: new Map(),
    past: [],
    now: 0,
    lostAt: Number.POSITIVE_INFINITY,
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
