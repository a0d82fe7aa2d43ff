import { chainOf } from '../../model/content/image-lookups.ts';
import { fileOf } from '../../model/content/images.ts';
import type { Inject } from '../../sequence/arena.ts';
import { disksMadeBySteps } from '../../sequence/new-disk.ts';
import type { FaultStep } from '../../sequence/step.ts';
import { type ArmedError, armedErrorsOf } from '../reading/armed-errors.ts';
import type { Evidence } from '../reading/evidence.ts';
import type { ImageStory } from './image-story.ts';
import { isWrittenSince } from './written-since.ts';

/**
 * Whether writing out the metadata of an image, or of one below it, may have met an injected error: qcow2 keeps it in
 * memory until a flush, and QEMU has nobody to tell when closing an image fails.
 */
export function mayLoseUnflushed(evidence: Evidence, { graph }: ImageStory, file: string): boolean {
  const faulty = filesMaybeUnwritten(evidence);
  return chainOf(graph, file, 'header').some(
    (each) => faulty.has(each) && graph.images.get(each)?.format === 'qcow2',
  );
}

/** Files to which something may still be unwritten, or half written, that an error has kept from them. */
export const filesMaybeUnwritten = (evidence: Evidence): Set<string> =>
  filesWithWriteFaults(evidence, (of, error) => !isWrittenSince(of, error));

/** Files below which writes or flushes were made to fail at some time: by errors that `counts` says, or a server. */
export function filesWithWriteFaults(
  evidence: Evidence,
  counts: (evidence: Evidence, error: ArmedError) => boolean = () => true,
): Set<string> {
  const { opened, trace, former } = evidence;
  const faulty = new Set(
    armedErrorsOf(evidence)
      .all.filter((one) => hitsWrites(one.error) && counts(evidence, one))
      .map(({ disk }) => disk),
  );
  for (const seen of trace)
    if (seen.kind === 'fault' && isServerAway(seen.fault)) faulty.add(seen.fault.disk);
  const disks = [...opened.sequence.arena.disks, ...disksMadeBySteps(opened.sequence)];
  const files = disks.flatMap((disk) => (faulty.has(disk.name) ? [fileOf(disk)] : []));
  return new Set([...files, ...(former ? filesWithWriteFaults(former, counts) : [])]);
}

type ServerFault = Extract<FaultStep, { fault: 'server' }>;

const isServerAway = (fault: FaultStep): fault is ServerFault =>
  fault.fault === 'server' && fault.is !== 'well' && fault.is !== 'slow';

/** Without an iotype an error that some event has set off meets whatever request comes next (block/blkdebug.c, rule_check). */
const hitsWrites = ({ iotype }: Partial<Inject>): boolean => iotype !== 'read';
