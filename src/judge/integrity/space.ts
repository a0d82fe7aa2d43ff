import type { PastJob } from '../../model/content/image-graph.ts';
import { chainOf } from '../../model/content/image-lookups.ts';
import { storageKind } from '../../sequence/arena.ts';
import { isJsonObject } from '../../sequence/json-object.ts';
import { disksMadeBySteps } from '../../sequence/new-disk.ts';
import type { Observation } from '../../trace/observation.ts';
import type { Place } from '../../trace/place.ts';
import type { Evidence } from '../reading/evidence.ts';
import { type ImageStory, imageFileOf } from './image-story.ts';

/** An image whose room was looked at, and the one job that wrote it. */
export type Written = {
  at: Place;
  file: string;
  seen: Extract<Observation, { kind: 'space' }>;
  job: PastJob;
};

/** Images that one job alone wrote, on plain files, where no other job touched what it read. */
export function writtenByOneJob(evidence: Evidence, { graph, sources }: ImageStory): Written[] {
  if (graph.lostAt !== Number.POSITIVE_INFINITY || evidence.former || !isPlain(evidence)) return [];
  return evidence.trace.flatMap((seen, at): Written[] => {
    if (seen.kind !== 'space') return [];
    const file = imageFileOf(sources.fresh, seen.image);
    const [job, ...others] = graph.past.filter(({ writes }) =>
      chainOf(graph, file, 'backing').includes(writes),
    );
    const isAlone = job?.writes === file && others.length === 0;
    const isSourceStill = graph.past.every((each) => each === job || each.writes !== job?.reads);
    return isAlone && isSourceStill ? [{ at, file, seen, job }] : [];
  });
}

/** No layer and no server between QEMU and the files, no error, and a place that has room. */
const isPlain = ({ opened, trace }: Evidence): boolean =>
  opened.sequence.arena.nodes === undefined &&
  opened.sequence.arena.disks.every(
    (disk) =>
      disk.qcow2 === undefined &&
      (disk.format === 'raw' || disk.format === 'qcow2') &&
      disk.zeroes === undefined &&
      disk.layers === undefined &&
      storageKind(disk) === 'file' &&
      disk.servedBy === undefined,
  ) &&
  !trace.some((seen) => seen.kind === 'fault' || (seen.kind === 'event' && seen.name === 'BLOCK_JOB_ERROR'));

/** The largest cluster of all images, at least QEMU's default: what is allocated is so by clusters. */
export const grainBytesOf = ({ opened, exchanges }: Evidence): number =>
  Math.max(
    65_536,
    ...[...opened.sequence.arena.disks, ...disksMadeBySteps(opened.sequence)].map(
      ({ clusterBytes = 0 }) => clusterBytes,
    ),
    ...exchanges.map(({ args: { options } }) =>
      isJsonObject(options) && typeof options['cluster-size'] === 'number' ? options['cluster-size'] : 0,
    ),
  );
