import { jobOf } from '../../../qemu/cards.ts';
import { isJsonObject } from '../../../sequence/json-object.ts';
import { anything, type Content } from '../content.ts';
import { createFile, fileNamed } from '../files.ts';
import type { DoneCommand } from '../follow.ts';
import { beginWriting, endWriting, loseAll } from '../image-changes.ts';
import type { Image, ImageGraph, Job, JobEnding } from '../image-graph.ts';
import { contentOf, disksOn, imageNamed, isPassed } from '../image-lookups.ts';

/** `blockdev-backup`, `drive-backup`: the source as it was when the job was made. */
export function startBackup(graph: ImageGraph, command: DoneCommand, key: string): Job | undefined {
  const { args, sent, done } = command;
  const source = imageNamed(graph, args.device);
  const target = source && targetOf(graph, command, source);
  if (!source || !target || source === target || !isPassed(graph, source.file, args.device)) {
    loseAll(graph);
    return undefined;
  }
  const copied = contentOf(graph, source, { from: sent, to: done });
  // Below a view of an overlay 5.2 takes the overlay for the topmost image, 7.2 and later the view: no word decides.
  const whole =
    args.sync === 'full' ||
    (args.sync === 'top' &&
      source.viewOf === undefined &&
      target.empty &&
      !target.apart &&
      !source.apart &&
      target.header === source.header);
  const compressed = args.compress === true || source.header === 'unknown';
  beginWriting(graph, target, key);
  const isGuests = disksOn(graph, source.file).length > 0;
  const backup = {
    target,
    copied: compressed ? anything : copied,
    whole,
    isGuests,
    sync: `${args.sync}`,
    grainBytes: grainBytesOf(target, args),
  };
  return {
    key,
    sent,
    done,
    reads: source.file,
    writes: target.file,
    end: (_, job, ending, at) =>
      end({ ...backup, isGuests: isGuests && disksOn(graph, source.file).length > 0 }, job, ending, at),
  };
}

/** `isGuests`: it is the source that the guest writes to. */
type Backup = {
  target: Image;
  copied: Content;
  whole: boolean;
  isGuests: boolean;
  sync: string;
  grainBytes: number;
};

/** It copies 64 KiB at a time, or larger clusters of the target (of vdi a MiB); or more, where that is asked for. */
function grainBytesOf({ format }: Image, { 'x-perf': perf }: DoneCommand['args']): number {
  const asked = isJsonObject(perf) ? perf['min-cluster-size'] : 0;
  const least = format === 'raw' || format === 'qcow2' ? 65_536 : 2 ** 20;
  return Math.max(least, typeof asked === 'number' ? asked : 0);
}

function end(
  { target, copied, whole, isGuests, sync, grainBytes }: Backup,
  job: Job,
  ending: JobEnding,
  at: number,
): void {
  const before = endWriting(target, job.key);
  if (before === undefined) return;
  const why = 'when the backup was started';
  const named = sync === 'incremental' || sync === 'bitmap' ? { namedFor: job.key } : undefined;
  const touched = sync === 'none' ? { touched: { from: job.sent, to: at, grainBytes } } : {};
  const isCut = ending.how === 'failed' || (ending.how === 'cut' && ending.by === 'force');
  if (named && isCut) {
    const content: Content = {
      is: 'partly',
      of: copied,
      written: undefined,
      below: before,
      ...named,
      cut: true,
    };
    target.settled = { by: 'backup', content, why, flushed: false };
  }
  if (ending.how === 'finished') {
    const content: Content = whole
      ? copied
      : { is: 'partly', of: copied, written: undefined, below: before, ...named, ...touched };
    target.settled = { by: 'backup', content, why, flushed: false };
  }
  // Without a copy of its own the job never ends by itself; what the guest overwrote meanwhile was saved before.
  if (ending.how === 'cut' && sync === 'none' && isGuests && !ending.faulty && ending.by !== 'kill') {
    const written = { from: job.done, to: ending.asked };
    const content: Content = { is: 'partly', of: copied, written, below: before, ...touched };
    target.settled = { by: 'backup', content, why, flushed: false };
  }
}

/** blockdev-backup names a node, drive-backup a file, which it makes unless it is `existing`. */
function targetOf(graph: ImageGraph, { name, args }: DoneCommand, source: Image): Image | undefined {
  if (jobOf(name)?.target === 'node') return imageNamed(graph, args.target);
  const file = fileNamed(graph, args.target);
  if (file === undefined) return undefined;
  if (args.mode === 'existing') return graph.images.get(file);
  const header = args.sync === 'top' ? source.header : args.sync === 'none' ? source.file : undefined;
  const format = args.format ?? source.format;
  return createFile(graph, { file, format, sizeBytes: source.sizeBytes, header });
}
