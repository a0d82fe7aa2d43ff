import { chainOf } from '../../model/content/image-lookups.ts';
import { fileOf } from '../../model/content/images.ts';
import type { Inject } from '../../sequence/arena.ts';
import { disksMadeBySteps } from '../../sequence/new-disk.ts';
import { errorsOf, type FaultStep } from '../../sequence/step.ts';
import type { Evidence } from '../reading/evidence.ts';
import type { ImageStory } from './image-story.ts';

/**
 * Whether writing out the metadata of an image, or of one below it, may have met an injected error: qcow2 keeps it in
 * memory until a flush, and QEMU has nobody to tell when closing an image fails.
 */
export function mayLoseUnflushed(evidence: Evidence, { graph }: ImageStory, file: string): boolean {
  const faulty = filesWithWriteFaults(evidence);
  return chainOf(graph, file, 'header').some(
    (each) => faulty.has(each) && graph.images.get(each)?.format === 'qcow2',
  );
}

/** Files below which writes or flushes were made to fail at some time. */
export function filesWithWriteFaults({ opened, trace, former }: Evidence): Set<string> {
  const disks = [...opened.sequence.arena.disks, ...disksMadeBySteps(opened.sequence)];
  const files = disks
    .filter(({ layers = [] }) =>
      layers.some(
        (layer) =>
          'room' in layer || ('blkdebug' in layer && layer.blkdebug.some((rule) => hitsWrites(rule))),
      ),
    )
    .map(fileOf);
  const injected = trace.flatMap((seen) => {
    if (seen.kind !== 'fault' || !failsWrites(seen.fault)) return [];
    const { disk } = seen.fault;
    return disks.filter(({ name }) => name === disk).map(fileOf);
  });
  return new Set([...files, ...injected, ...(former ? filesWithWriteFaults(former) : [])]);
}

type WriteFault = Extract<FaultStep, { fault: 'inject' | 'fill' | 'server' }>;

const failsWrites = (fault: FaultStep): fault is WriteFault =>
  fault.fault === 'fill' ||
  (fault.fault === 'server' && fault.is !== 'well' && fault.is !== 'slow') ||
  (fault.fault === 'inject' && errorsOf(fault).some((rule) => hitsWrites(rule)));

/** Without an iotype an error that some event has set off meets whatever request comes next (block/blkdebug.c, rule_check). */
const hitsWrites = ({ iotype }: Partial<Inject>): boolean => iotype !== 'read';
