import { jobKey } from '../../model/content/follow.ts';
import type { ImageGraph } from '../../model/content/image-graph.ts';
import { imageNamed } from '../../model/content/image-lookups.ts';
import { jobOf } from '../../qemu/cards.ts';
import { isJsonObject, type JsonObject } from '../../sequence/json-object.ts';
import type { Evidence } from '../reading/evidence.ts';
import { eventsNamed, type JobHistory, jobsOf } from '../reading/job-histories.ts';
import type { GuestRequests } from './guest-changes.ts';

/** How many bytes each job had not copied when it ended, as its last event says; by the job's key. */
export type Uncopied = ReadonlyMap<string, number>;

/**
 * Not of jobs that ended beside a request of the guest: what is saved before that one counts as not copied until it is,
 * and may be saved after all (block/block-copy.c).
 */
export function uncopiedOf(evidence: Evidence, guest: GuestRequests): Uncopied {
  const changes = [...guest.values()].flatMap((disk) => disk.changes);
  return new Map(
    jobsOf(evidence).lives.flatMap((life): [string, number][] => {
      const end = endOf(life);
      const { len, offset } = end?.data ?? {};
      if (!end || typeof len !== 'number' || typeof offset !== 'number') return [];
      // What was over before a command was sent was over before any event behind that command's reply.
      const over =
        evidence.exchanges.findLast(({ reply }) => reply !== undefined && reply < end.at)?.sent ?? -1;
      const isBeside = changes.some((change) => change.begin < end.at && change.end > over);
      return isBeside ? [] : [[jobKey(life.startedBy ?? -1, life.id), len - offset]];
    }),
  );
}

const endOf = (life: JobHistory): ReturnType<typeof eventsNamed>[number] | undefined =>
  ['BLOCK_JOB_COMPLETED', 'BLOCK_JOB_CANCELLED'].flatMap((name) => eventsNamed(life, name))[0];

/**
 * A backup counts whole clusters of its copy, the last of which may lie partly behind the disk's end: so many bytes.
 * undefined where its clusters, or the disk's size, are not known.
 */
export function spareBytesOf(
  graph: ImageGraph,
  { name, args }: { name: string; args: JsonObject },
  grainBytes: number,
): number | undefined {
  const sizeBytes = imageNamed(graph, args.device)?.sizeBytes;
  const format =
    jobOf(name)?.target === 'node' ? imageNamed(graph, args.target)?.format : (args.format ?? 'qcow2');
  const perf = args['x-perf'];
  const asked = isJsonObject(perf) ? (perf['min-cluster-size'] ?? 0) : 0;
  if (sizeBytes === undefined || (format !== 'raw' && format !== 'qcow2') || typeof asked !== 'number')
    return undefined;
  const clusterBytes = Math.max(grainBytes, asked);
  return Math.ceil(sizeBytes / clusterBytes) * clusterBytes - sizeBytes;
}
